-- Nobody's first call, with a token that is void and not known as such yet, makes the profile of an erased account anew.
CREATE TRIGGER user_profiles_refuse_erased BEFORE INSERT ON user_profiles
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('user_id');
