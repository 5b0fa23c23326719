DROP INDEX comments_parent_id_idx;
DROP INDEX comments_author_id_idx;
DROP TRIGGER likes_refuse_erased ON likes;
DROP TRIGGER comments_refuse_erased ON comments;
DROP TRIGGER posts_refuse_erased ON posts;
DROP TRIGGER authors_refuse_erased ON authors;
