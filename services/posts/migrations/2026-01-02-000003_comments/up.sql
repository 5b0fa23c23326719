-- Comments in threads. A path is the hex ids from the top comment down: sorted by it, a thread reads top to bottom.
-- A deleted comment keeps its row, so that the replies keep their place, but no word of it.
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE TABLE comments (
    id uuid NOT NULL,
    post_id uuid NOT NULL,
    author_id uuid NOT NULL,
    parent_id uuid,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    deleted_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    depth smallint NOT NULL,
    path ltree NOT NULL,
    body text NOT NULL,
    CONSTRAINT comments_pkey PRIMARY KEY (id),
    CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id),
    CONSTRAINT comments_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES comments (id),
    CONSTRAINT comments_depth_check CHECK (depth BETWEEN 0 AND 8 AND depth = nlevel(path) - 1),
    CONSTRAINT comments_body_check CHECK (deleted_at IS NOT NULL OR octet_length(body) BETWEEN 1 AND 8000)
);
CREATE INDEX comments_post_id_path_idx ON comments (post_id, path);
