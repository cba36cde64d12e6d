"""Rows say what the actor was, from where, and whose project by id; each is chained to the last.

The link of a row is made by the database as the row is committed. First every other check of
the commit is made (the first trigger puts a link without a position last), because what waits
for somebody else must not hold the lock of the chain; it is held for the commit alone.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ALLOW_CHANGES = "DROP TRIGGER audit_is_append_only ON audit_auditevent;"
REFUSE_CHANGES = """
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit_auditevent
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
"""

# A project's rows are those since the last creation of its name, which says its id.
TELL_WHAT_IS_KNOWN = """
UPDATE audit_auditevent event SET
  project_id = (
    SELECT created.object_id::bigint FROM audit_auditevent created
    WHERE created.action = 'project.create' AND created.project = event.project
      AND created.id <= event.id
    ORDER BY created.id DESC LIMIT 1),
  actor_kind = CASE WHEN event.user_id IS NULL THEN 'system' ELSE coalesce((
    SELECT CASE WHEN is_robot THEN 'robot' ELSE 'user' END
    FROM accounts_user WHERE accounts_user.id = event.user_id), '') END;
"""

CHAIN = """
CREATE FUNCTION audit_content(event audit_auditevent) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT convert_to(to_json(ARRAY[
    event.id::text, to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    event.actor, event.actor_kind, event.actor_token, event.token_prefix, event.user_id::text,
    event.action, event.object_kind, event.object_id, event.object_name,
    event.project, event.project_id::text, event.before::text, event.after::text,
    event.request_id, host(event.address), event.user_agent
  ])::text, 'UTF8')
$$;

CREATE FUNCTION place_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_auditlink (event_id) VALUES (NEW.id);
  RETURN NULL;
END $$;

CREATE FUNCTION chain_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  latest audit_auditlink;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('audit_auditlink'));
  SELECT * INTO latest FROM audit_auditlink
    WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1;
  UPDATE audit_auditlink SET
    position = coalesce(latest.position, 0) + 1,
    previous = coalesce(latest.digest, ''),
    digest = sha256(coalesce(latest.digest, '') || audit_content(event))
    FROM audit_auditevent event WHERE event_id = NEW.event_id AND event.id = NEW.event_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no audit row %', NEW.event_id;
  END IF;
  RETURN NULL;
END $$;

DO $$
DECLARE
  event audit_auditevent;
  place bigint := 0;
  last bytea := '';
  next bytea;
BEGIN
  FOR event IN SELECT * FROM audit_auditevent ORDER BY id LOOP
    place := place + 1;
    next := sha256(last || audit_content(event));
    INSERT INTO audit_auditlink (event_id, position, previous, digest)
      VALUES (event.id, place, last, next);
    last := next;
  END LOOP;
END $$;

CREATE CONSTRAINT TRIGGER audit_is_placed AFTER INSERT ON audit_auditevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION place_audit_link();
CREATE CONSTRAINT TRIGGER audit_is_chained AFTER INSERT ON audit_auditlink
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chain_audit_link();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit_auditevent
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER links_are_not_removed BEFORE DELETE OR TRUNCATE ON audit_auditlink
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER links_are_made_once BEFORE UPDATE ON audit_auditlink
  FOR EACH ROW WHEN (OLD.position IS NOT NULL) EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER links_are_made_here BEFORE INSERT ON audit_auditlink
  FOR EACH ROW WHEN (NEW.position IS NOT NULL) EXECUTE FUNCTION refuse_audit_change();
"""
UNCHAIN = """
DROP TRIGGER audit_is_not_emptied ON audit_auditevent;
DROP TRIGGER audit_is_placed ON audit_auditevent;
DROP TRIGGER audit_is_chained ON audit_auditlink;
DROP TRIGGER links_are_not_removed ON audit_auditlink;
DROP TRIGGER links_are_made_once ON audit_auditlink;
DROP TRIGGER links_are_made_here ON audit_auditlink;
DROP FUNCTION place_audit_link();
DROP FUNCTION chain_audit_link();
DROP FUNCTION audit_content(audit_auditevent);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        # Whose rows they are is read from its table.
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="link",
                        serialize=False,
                        to="audit.auditevent",
                    ),
                ),
                ("position", models.BigIntegerField(null=True, unique=True)),
                ("previous", models.BinaryField(max_length=32, null=True)),
                ("digest", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.RemoveIndex(
            model_name="auditevent",
            name="audit_by_project",
        ),
        migrations.AddField(
            model_name="auditevent",
            name="actor_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("user", "User"),
                    ("token", "Token"),
                    ("robot", "Robot"),
                    ("system", "System"),
                    ("anonymous", "Anonymous"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="actor_token",
            field=models.CharField(blank=True, max_length=63),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="project_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="token_prefix",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="user_agent",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["project_id", "-id"], name="audit_by_project"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["action", "-at"], name="audit_by_action"),
        ),
        migrations.RunSQL(ALLOW_CHANGES, REFUSE_CHANGES),
        migrations.RunSQL(TELL_WHAT_IS_KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE_CHANGES, ALLOW_CHANGES),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
