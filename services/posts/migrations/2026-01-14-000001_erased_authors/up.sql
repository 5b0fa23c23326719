-- Nobody writes, likes or is copied here who was erased; what is his is found by his id.
CREATE TRIGGER authors_refuse_erased BEFORE INSERT ON authors
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('user_id');
CREATE TRIGGER posts_refuse_erased BEFORE INSERT ON posts
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('author_id');
CREATE TRIGGER comments_refuse_erased BEFORE INSERT ON comments
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('author_id');
CREATE TRIGGER likes_refuse_erased BEFORE INSERT ON likes
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('user_id');
CREATE INDEX comments_author_id_idx ON comments (author_id);
CREATE INDEX comments_parent_id_idx ON comments (parent_id) WHERE parent_id IS NOT NULL;
