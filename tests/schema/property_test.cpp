// Whatever the schemas admit is read as it was written.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events-schema/arbitrary.hpp"
#include "events-schema/canonical.hpp"
#include "tests/schema/padded.hpp"

namespace boxoffice::schema {
namespace {

using schema_test::Padded;

Envelope arbitrary_envelope() {
  using namespace arbitrary;
  const auto perhaps_text = [](std::size_t max) { return boolean() ? text(1, max) : ""; };
  Envelope envelope;
  envelope.position = {{static_cast<std::uint16_t>(integer(0, 65535))},
                       {static_cast<std::uint64_t>(integer(1, kSequenceMax.value))}};
  envelope.source = "boxoffice:k3v9q2m7x1ab";
  envelope.subject = text(1, 64);
  envelope.time = instant();
  envelope.received = perhaps([] { return instant(); });
  envelope.causation = perhaps_text(64);
  envelope.correlation = perhaps_text(64);
  envelope.traceparent = perhaps_text(55);
  envelope.actor = perhaps_text(64);
  envelope.previous = perhaps([] { return digest(); });
  envelope.command_offset =
      perhaps([] { return static_cast<std::uint64_t>(integer(0, INT64_MAX)); });
  envelope.command_log = perhaps_text(300);
  return envelope;
}

RC_GTEST_PROP(Events, AreReadAsTheyWereWritten, ()) {
  // The reader and its values are kept over all runs: nothing of an event may be left in the next.
  static Reader reader;
  static Envelope envelope;
  static Event event;
  const Envelope around = arbitrary_envelope();
  const Event written = arbitrary::event();

  std::string bytes;
  write_event(bytes, around, written);
  const auto read = reader.event(Padded(bytes), envelope, event);
  if (!read) RC_FAIL(read.error().pointer + " " + read.error().detail + " in " + bytes);
  RC_ASSERT(envelope == around);
  RC_ASSERT(event == written);
  RC_ASSERT(is_canonical(bytes, envelope, event));
}

RC_GTEST_PROP(Events, AreReadTheSameInAnotherForm, ()) {
  static Reader reader;
  static Envelope envelope;
  static Event event;
  const Envelope around = arbitrary_envelope();
  const Event written = arbitrary::event();

  std::string bytes;
  write_event(bytes, around, written);
  bytes.insert(1, " ");  // no longer canonical
  const auto read = reader.event(Padded(bytes), envelope, event);
  if (!read) RC_FAIL(read.error().pointer + " " + read.error().detail + " in " + bytes);
  RC_ASSERT(envelope == around);
  RC_ASSERT(event == written);
  RC_ASSERT(!is_canonical(bytes, envelope, event));
}

RC_GTEST_PROP(CanonicalEvents, AreReadAsSuchUnlessATextHasEscapes, ()) {
  static Envelope envelope;
  static Event event;
  const Envelope around = arbitrary_envelope();
  const Event written = arbitrary::event();

  std::string bytes;
  write_event(bytes, around, written);
  const bool plain = bytes.find('\\') == std::string::npos;
  RC_CLASSIFY(plain);
  RC_ASSERT(read_canonical(bytes, envelope, event) == plain);
  if (!plain) return;
  RC_ASSERT(envelope == around);
  RC_ASSERT(event == written);
}

RC_GTEST_PROP(Commands, AreReadAsTheyWereWritten, ()) {
  static Reader reader;
  static Command command;
  const Command written = arbitrary::command();

  std::string bytes;
  write_data(bytes, written);
  const auto read = reader.command_data(name_of(written), 1, Padded(bytes), command);
  if (!read) RC_FAIL(read.error().pointer + " " + read.error().detail + " in " + bytes);
  RC_ASSERT(command == written);
}

CommandEnvelope arbitrary_command_envelope() {
  using namespace arbitrary;
  const auto perhaps_text = [](std::size_t max) { return boolean() ? text(1, max) : ""; };
  CommandEnvelope envelope{.identity = {.id = id<CommandId>()},
                           .source = "boxoffice:k3v9q2m7x1ab",
                           .subject = text(1, 64),
                           .received = instant(),
                           .deadline = instant(),
                           .correlation = perhaps_text(64),
                           .traceparent = perhaps_text(55),
                           .actor = perhaps_text(64),
                           .reply_to = perhaps_text(64)};
  for (auto& byte : envelope.identity.tag) byte = static_cast<std::uint8_t>(integer(0, 255));
  if (boolean()) {
    envelope.key_name = text(1, 255);
    envelope.key_value = text(1, 1000);
  }
  return envelope;
}

RC_GTEST_PROP(WholeCommands, AreReadAsTheyWereWritten, ()) {
  static Reader reader;
  static CommandEnvelope envelope;
  static Command command;
  const CommandEnvelope around = arbitrary_command_envelope();
  const Command written = arbitrary::command();

  std::string bytes;
  write_command(bytes, around, written);
  const auto read = reader.command(Padded(bytes), envelope, command);
  if (!read) RC_FAIL(read.error().pointer + " " + read.error().detail + " in " + bytes);
  RC_ASSERT(envelope == around);
  RC_ASSERT(command == written);
}

RC_GTEST_PROP(Instants, AreReadAsTheyWereWritten, ()) {
  const Instant instant = arbitrary::instant();
  RC_ASSERT(instant_from_text(to_text(instant)) == instant);
}

}  // namespace
}  // namespace boxoffice::schema
