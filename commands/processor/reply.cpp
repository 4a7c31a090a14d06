#include "commands/processor/reply.hpp"

#include <simdjson.h>

#include "events-schema/json_writer.hpp"

namespace boxoffice::processor {
namespace {

void write(std::string& out, const Outcome& outcome) {
  out += outcome.repeated ? R"({"answer":"repeated","event":)" : R"({"answer":"decided","event":)";
  out.append(outcome.deciding_event().value) += '}';
}

void write(std::string& out, const KeyReused&) { out += R"({"answer":"key_reused"})"; }

void write(std::string& out, const TooLarge&) { out += R"({"answer":"too_large"})"; }

void write(std::string& out, const Unavailable& unavailable) {
  schema::JsonWriter(out)
      .begin_object()
      .member("answer", "unavailable")
      .member("retry_after_ms", static_cast<std::int64_t>(unavailable.retry_after.count()))
      .member("reason", std::string_view(unavailable.reason))
      .end_object();
}

using Object = simdjson::ondemand::object;

std::expected<Answer, std::string> read_outcome(Object& reply, bool repeated,
                                                schema::Reader& reader) {
  Object stored;
  std::string_view bytes;
  if (reply["event"].get_object().get(stored) || stored.raw_json().get(bytes))
    return std::unexpected("a reply without its event");
  auto batch = std::make_shared<Batch>();
  event_log::CommittedEvent& event = batch->events.emplace_back();
  event.value.reserve(bytes.size() + schema::kPadding);
  event.value = bytes;
  if (auto read = reader.event(event.value, event.envelope, event.event); !read)
    return std::unexpected("a reply's event: " + read.error().detail);
  event.topic = schema::topic_of(event.event);
  return Outcome{.batch = std::move(batch), .first = 0, .count = 1, .repeated = repeated};
}

std::expected<Answer, std::string> read_unavailable(Object& reply) {
  std::int64_t retry_after_ms = 0;
  std::string_view reason;
  if (reply["retry_after_ms"].get(retry_after_ms) || reply["reason"].get(reason))
    return std::unexpected("a reply that does not say why and for how long");
  return Unavailable{.reason = std::string(reason),
                     .retry_after = std::chrono::milliseconds(retry_after_ms)};
}

}  // namespace

void write_reply(std::string& out, const Answer& answer) {
  std::visit([&](const auto& alternative) { write(out, alternative); }, answer);
}

std::expected<Answer, std::string> read_reply(std::string_view text, schema::Reader& reader) {
  thread_local simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  Object reply;
  std::string_view answer;
  if (parser.iterate(text, text.size() + schema::kPadding).get(document) ||
      document.get_object().get(reply) || reply["answer"].get(answer))
    return std::unexpected("not a reply");
  if (answer == "decided" || answer == "repeated")
    return read_outcome(reply, answer == "repeated", reader);
  if (answer == "key_reused") return KeyReused{};
  if (answer == "too_large") return TooLarge{};
  if (answer == "unavailable") return read_unavailable(reply);
  return std::unexpected("an answer of another version: " + std::string(answer));
}

}  // namespace boxoffice::processor
