-- Whoever erases or exports all of an author goes through it by id, a batch behind the other: without the id in the index
-- each batch reads all of it again.
CREATE INDEX posts_author_id_id_idx ON posts (author_id, id);
CREATE INDEX comments_author_id_id_idx ON comments (author_id, id);
DROP INDEX comments_author_id_idx;
