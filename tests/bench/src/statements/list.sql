WITH p AS MATERIALIZED (
 SELECT * FROM (
 SELECT * FROM posts
 WHERE hidden_at IS NULL AND deleted_at IS NULL AND (visibility = ANY ('{public}') OR author_id = '{me}')
 AND (created_at, id) < ('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff')
 ORDER BY created_at DESC, id DESC LIMIT 101
 ) longest LIMIT 21
), mine AS (
 SELECT post_id FROM likes WHERE user_id = '{me}' AND post_id
 BETWEEN (SELECT id FROM p ORDER BY id LIMIT 1) AND (SELECT id FROM p ORDER BY id DESC LIMIT 1)
) SELECT p.id, p.author_id, p.created_at, p.edited_at, p.hidden_at, p.deleted_at, p.like_count, p.comment_count, p.version, p.visibility, p.tags, p.media_ids, p.body, a.username, a.full_name, a.profile_picture_url, a.avatar_media_id, a.erased_at IS NOT NULL,
 mine.post_id IS NOT NULL
 FROM p LEFT JOIN authors a ON a.user_id = p.author_id LEFT JOIN mine ON mine.post_id = p.id
 ORDER BY p.created_at DESC, p.id DESC;
