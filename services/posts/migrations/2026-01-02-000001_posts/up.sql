-- Posts, with the counters that every list shows, and what they said before each edit.
-- The counters change in the transaction that changes what they count. Pages keep room for the new versions of a row,
-- which then need no new index entries. A deleted post keeps its row, so that it is known to be gone, but no word of it.
CREATE TABLE posts (
    id uuid NOT NULL,
    author_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    hidden_at timestamptz,
    deleted_at timestamptz,
    like_count integer NOT NULL DEFAULT 0,
    comment_count integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    visibility text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    media_ids uuid[] NOT NULL DEFAULT '{}',
    body text NOT NULL,
    CONSTRAINT posts_pkey PRIMARY KEY (id),
    CONSTRAINT posts_visibility_check CHECK (visibility IN ('public', 'followers', 'coaches')),
    -- In bytes: counting characters would read a long body back at every like.
    CONSTRAINT posts_body_check CHECK (deleted_at IS NOT NULL OR octet_length(body) BETWEEN 1 AND 40000),
    CONSTRAINT posts_like_count_check CHECK (like_count >= 0),
    CONSTRAINT posts_comment_count_check CHECK (comment_count >= 0)
) WITH (fillfactor = 85);
CREATE INDEX posts_created_at_idx ON posts (created_at DESC, id DESC) WHERE hidden_at IS NULL AND deleted_at IS NULL;
CREATE INDEX posts_author_id_created_at_idx ON posts (author_id, created_at DESC, id DESC);

CREATE TABLE post_revisions (
    post_id uuid NOT NULL,
    version integer NOT NULL,
    body text NOT NULL,
    tags text[] NOT NULL,
    visibility text NOT NULL,
    written_at timestamptz NOT NULL,
    CONSTRAINT post_revisions_pkey PRIMARY KEY (post_id, version),
    CONSTRAINT post_revisions_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE
);
