INSERT INTO article_links (article_id, position, url, title, kind)
SELECT article_id, position, url, title, kind
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, position integer, url text, title text, kind text)
