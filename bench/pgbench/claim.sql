UPDATE tickets
   SET email = 'load-' || nextval('addresses') || '@example.org',
       claim = gen_random_uuid(),
       expires_at = now() + interval '5 minutes'
 WHERE number = (SELECT number FROM tickets WHERE email IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING number, claim, expires_at;
