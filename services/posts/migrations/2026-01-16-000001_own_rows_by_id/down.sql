CREATE INDEX comments_author_id_idx ON comments (author_id);
DROP INDEX comments_author_id_id_idx;
DROP INDEX posts_author_id_id_idx;
