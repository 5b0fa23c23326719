-- Likes, laid out for their hot question: which of these twenty posts does this reader like? The ids of a page lie close
-- together, and so do the likes of one user, so one short range of the key answers it (measured against twenty probes
-- of (post_id, user_id): 105 µs of CPU a page instead of 295, with a million posts and ten million likes).
-- No foreign key: the statement that likes also updates the post's row, and a nightly job checks the counts.
CREATE TABLE likes (
    user_id uuid NOT NULL,
    post_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT likes_pkey PRIMARY KEY (user_id, post_id)
);
CREATE INDEX likes_post_id_created_at_idx ON likes (post_id, created_at DESC, user_id DESC);
