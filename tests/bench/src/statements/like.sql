\set p random(1, 900000)
\set u random(1, 64)
WITH post AS (
 SELECT id, author_id, visibility, hidden_at, deleted_at,
 hidden_at IS NULL AND deleted_at IS NULL AND (visibility = ANY ('{public}') OR author_id = (SELECT id FROM bench_people WHERE n = :u)) AS open
 FROM posts WHERE id = (SELECT id FROM bench_posts WHERE n = :p)
), made AS (
 INSERT INTO likes (user_id, post_id, created_at) SELECT (SELECT id FROM bench_people WHERE n = :u), id, '2026-06-01Z' FROM post WHERE open
 ON CONFLICT ON CONSTRAINT likes_pkey DO NOTHING RETURNING post_id
), counted AS (
 UPDATE posts SET like_count = like_count + 1 FROM made WHERE posts.id = made.post_id RETURNING author_id
), told AS (
 SELECT jsonb_set('{"id": "01970000-0000-7000-8000-000000000001", "data": {"liked": true, "post_id": "01970000-0000-7000-8000-000000000003", "user_id": "01970000-0000-7000-8000-000000000001", "post_author_id": "01970000-0000-7000-8000-000000000001"}, "time": "2026-01-01T00:00:00Z", "type": "posts.like.changed.v1", "source": "/services/posts", "subject": "01970000-0000-7000-8000-000000000003", "sequence": 1, "dataschema": "https://jolmood.dev/events/posts.like.changed.v1.json", "specversion": "1.0", "correlationid": "bench", "datacontenttype": "application/json"}'::jsonb,
 '{data,post_author_id}', to_jsonb(author_id)) AS envelope FROM counted
), place AS (
 INSERT INTO outbox_sequences AS s (aggregate, last) SELECT gen_random_uuid()::text, 1 FROM told
 ON CONFLICT (aggregate) DO UPDATE SET last = s.last + 1 RETURNING s.aggregate, s.last
), written AS (
 INSERT INTO outbox (id, aggregate, seq, exchange, type, envelope, created_at)
 SELECT gen_random_uuid(), place.aggregate, place.last, 'fleet.in', 'posts.like.changed.v1', envelope || jsonb_build_object('sequence', place.last), '2026-06-01Z'
 FROM place, told
)
SELECT author_id, visibility, hidden_at, deleted_at, EXISTS (SELECT FROM made) FROM post;
