SELECT p.id, p.author_id, p.created_at, p.edited_at, p.hidden_at, p.deleted_at, p.like_count, p.comment_count, p.version, p.visibility, p.tags, p.media_ids, p.body, a.username, a.full_name, a.profile_picture_url, a.avatar_media_id, a.erased_at IS NOT NULL,
 EXISTS (SELECT FROM likes l WHERE l.user_id = '{me}' AND l.post_id = p.id)
 FROM posts p LEFT JOIN authors a ON a.user_id = p.author_id WHERE p.id = '{post}';
