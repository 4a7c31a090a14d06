"""What was released is held to: each change that could not read yesterday's events and commands is refused, the others
are not."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

folder = Path(sys.argv.pop(1))
sys.path.insert(0, str(folder))

import released  # noqa: E402


class AfterARelease(unittest.TestCase):
    """A copy of the schemas and golden files, released, and then changed."""

    def setUp(self):
        there = tempfile.TemporaryDirectory()
        self.addCleanup(there.cleanup)
        self.folder = Path(there.name) / "events-schema"
        shutil.copytree(folder, self.folder, ignore=shutil.ignore_patterns("released.json", "*.hpp", "*.cpp"))
        released.record(self.folder)

    def change(self, file, change):
        path = self.folder / file
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def change_event(self, change):
        self.change("events/TicketClaimed.v1.json", change)

    def change_types(self, change):
        self.change("types.json", lambda document: change(document["$defs"]))

    def expect_refused(self, *words):
        found = "\n".join(released.all_problems(self.folder))
        for word in words:
            self.assertIn(word, found)

    def expect_fine(self):
        self.assertEqual(released.all_problems(self.folder), {})


class WhatIsRefused(AfterARelease):
    def test_nothing_where_nothing_changed(self):
        self.expect_fine()

    def test_a_member_that_is_gone(self):
        def remove(schema):
            del schema["properties"]["pool"]
            schema["required"].remove("pool")

        self.change_event(remove)
        self.expect_refused("TicketClaimed.v1/pool is gone")

    def test_a_member_by_another_name(self):
        def rename(schema):
            names = {"ticket": "seat"}
            schema["properties"] = {names.get(name, name): one for name, one in schema["properties"].items()}
            schema["required"] = [names.get(name, name) for name in schema["required"]]

        self.change_event(rename)
        self.expect_refused("TicketClaimed.v1/ticket is gone", "TicketClaimed.v1/seat became required")

    def test_a_member_that_became_required(self):
        self.change("events/KeyCreated.v1.json", lambda schema: schema["required"].append("ip"))
        self.expect_refused("KeyCreated.v1/ip became required")

    def test_a_narrower_range(self):
        self.change_event(lambda schema: schema["properties"]["number"].update(maximum=50_000))
        self.expect_refused("TicketClaimed.v1/number has a narrower maximum")

    def test_a_bound_where_there_was_none(self):
        self.change_types(lambda types: types["Instant"].update(maxLength=24))
        self.expect_refused("TicketClaimed.v1/expires_at has a narrower maxLength")

    def test_another_type(self):
        self.change_event(lambda schema: schema["properties"].update(number={"type": "string"}))
        self.expect_refused("TicketClaimed.v1/number has another type")

    def test_a_choice_that_is_gone_also_deep_within(self):
        self.change_types(lambda types: types["TotpAlgorithm"]["enum"].remove("SHA512"))
        self.expect_refused("OccasionCreated.v1/details/totp/algorithm can no longer be 'SHA512'")

    def test_what_may_no_longer_be_null(self):
        def never_null(types):
            member = types["AdmissionPolicy"]["properties"]["opens_at"]
            types["AdmissionPolicy"]["properties"]["opens_at"] = member["oneOf"][0]

        self.change_types(never_null)
        self.expect_refused("details/admission/opens_at may no longer be null")

    def test_a_new_member_among_the_old(self):
        """It would be written among them, in another order than readers of canonical bytes expect."""
        def insert(schema):
            schema["properties"] = {"seat": {"type": "string"}} | schema["properties"]

        self.change_event(insert)
        self.expect_refused("TicketClaimed.v1 has its members in another order")

    def test_a_new_member_that_is_always_written(self):
        self.change_event(lambda schema: schema["properties"].update(vip={"type": "boolean", "default": False}))
        self.expect_refused("TicketClaimed.v1/vip has a default")

    def test_another_topic(self):
        self.change_event(lambda schema: schema.update({"x-topic": "tickets"}))
        self.expect_refused("TicketClaimed.v1 has another x-topic")

    def test_an_envelope_that_changed(self):
        self.change("envelope.json", lambda schema: schema["required"].append("received"))
        self.expect_refused("envelope/received became required")

    def test_a_command_that_asks_for_more(self):
        """Gateways of the release before do not say it."""
        def seat(schema):
            schema["properties"]["seat"] = {"type": "string"}
            schema["required"].append("seat")

        self.change("commands/ClaimTicket.v1.json", seat)
        self.expect_refused("ClaimTicket.v1/seat became required")

    def test_a_command_that_is_gone(self):
        for part in ("commands", "golden"):
            (self.folder / part / "DeleteKey.v1.json").unlink()
        self.expect_refused("DeleteKey.v1: its schema is gone", "golden/DeleteKey.v1.json")

    def test_a_command_envelope_that_changed(self):
        def narrow(schema):
            schema["required"].append("replyto")
            schema["properties"]["traceparent"]["pattern"] = "^00-"

        self.change("command_envelope.json", narrow)
        self.expect_refused("command_envelope/replyto became required",
                            "command_envelope/traceparent has another pattern")

    def test_a_reply_that_changed(self):
        """Processors are upgraded before gateways, so that these read replies of the release after."""
        self.change("reply.json", lambda schema: schema["oneOf"][0]["properties"].update(by={"type": "string"}))
        self.expect_refused("reply has other choices")

    def test_a_whole_command_or_a_reply_that_was_edited(self):
        for name in ("whole_commands", "replies"):
            golden = self.folder / f"golden/{name}.json"
            golden.write_text(golden.read_text().replace("2027-01-16", "2027-01-17", 1))
        self.expect_refused("golden/whole_commands.json: its first", "golden/replies.json: its first")

    def test_an_event_that_is_gone(self):
        for part in ("events", "golden"):
            (self.folder / part / "KeyUsed.v1.json").unlink()
        self.expect_refused("KeyUsed.v1: its schema is gone", "golden/KeyUsed.v1.json")

    def test_a_golden_line_that_was_edited(self):
        golden = self.folder / "golden/KeyUsed.v1.json"
        golden.write_text(golden.read_text().replace("boxoffice:k3v9q2m7x1ab", "boxoffice:k3v9q2m7x1ac", 1))
        self.expect_refused("golden/KeyUsed.v1.json: its first")

    def test_a_golden_line_that_is_gone(self):
        golden = self.folder / "golden/KeyUsed.v1.json"
        golden.write_bytes(b"".join(golden.read_bytes().splitlines(keepends=True)[:-1]))
        self.expect_refused("golden/KeyUsed.v1.json: its first")

    def test_a_record_that_is_missing(self):
        (self.folder / released.RECORD).unlink()
        self.expect_refused("released.json is missing")

    def test_recording_over_what_does_not_fit(self):
        self.change_event(lambda schema: schema["properties"]["number"].update(maximum=50_000))
        with self.assertRaises(SystemExit):
            released.record(self.folder)

    def test_another_record_than_git_remembers(self):
        """Schema, golden file and record are changed together: the history of the record still knows."""
        def git(*arguments):
            subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
                           cwd=self.folder, env=released.outside_git(), check=True, capture_output=True)

        git("init")
        git("add", ".")
        git("commit", "-m", "a release")
        self.change_event(lambda schema: schema["properties"]["number"].update(maximum=50_000))
        (self.folder / released.RECORD).unlink()
        released.record(self.folder)
        git("commit", "-a", "-m", "another")
        self.expect_refused("TicketClaimed.v1/number has a narrower maximum")


class WhatIsNot(AfterARelease):
    def test_a_new_optional_member_at_the_end(self):
        for file in ("events/TicketClaimed.v1.json", "commands/ClaimTicket.v1.json", "command_envelope.json"):
            self.change(file, lambda schema: schema["properties"].update(seat={"type": "string"}))
        self.expect_fine()

    def test_a_new_choice_and_a_wider_range(self):
        self.change_types(lambda types: types["OccasionState"]["enum"].append("postponed"))
        self.change_event(lambda schema: schema["properties"]["pool"].update(maxLength=200))
        self.expect_fine()

    def test_other_words_and_other_names_in_cpp(self):
        self.change_types(lambda types: types["ClaimId"].update({"description": "A claim.", "x-cpp": "ClaimName"}))
        self.expect_fine()

    def test_other_words_of_a_reply(self):
        self.change("reply.json", lambda schema: schema["oneOf"][0].update(description="It was decided."))
        self.expect_fine()

    def test_new_golden_lines_and_new_events(self):
        golden = self.folder / "golden/KeyUsed.v1.json"
        golden.write_text(golden.read_text() + golden.read_text())
        for kind, name in (("events", "KeyUsed"), ("commands", "DeleteKey")):
            shutil.copy(self.folder / kind / f"{name}.v1.json", self.folder / kind / f"{name}.v2.json")
        self.expect_fine()
        released.record(self.folder)
        self.expect_fine()


unittest.main()
