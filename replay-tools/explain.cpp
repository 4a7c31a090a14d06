#include "replay-tools/explain.hpp"

#include <variant>
#include <vector>

#include "sealing/sealing.hpp"

namespace boxoffice::replay {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

struct ReadEvent {
  schema::Envelope envelope;
  schema::Event event;
  std::string value;

  std::string label() const {
    return schema::event_id(envelope.position) + " " + std::string(schema::name_of(event));
  }
};

std::string sentence_of(schema::ClaimRule rule) {
  switch (rule) {
    case schema::ClaimRule::one_per_email:
      return "one live claim for an address";
    case schema::ClaimRule::one_per_ip:
      return "one live claim for an IP";
  }
  return {};
}

/// Why an event refused what was asked; empty where it did not.
template <class Data>
std::string refusal_of(const Data& data) {
  std::string words;
  if constexpr (requires { data.refusal; })
    words = "It was refused: " + std::string(to_text(data.refusal));
  if constexpr (requires { sentence_of(*data.rule); })
    if (data.rule)
      words += ", by the rule " + std::string(to_text(*data.rule)) + " (" +
               sentence_of(*data.rule) + ")";
  if constexpr (requires { *data.try_again_at; })
    if (data.try_again_at) words += "; one may try again at " + schema::to_text(*data.try_again_at);
  if constexpr (requires {
                  data.refusal;
                  *data.field;
                })
    if (data.field) words += "; the field " + *data.field;
  return words.empty() ? words : words + ".";
}

class Explanation {
 public:
  explicit Explanation(event_log::Log& log) : log_(log) {}

  std::expected<std::string, std::string> of(schema::Position position) {
    const auto event = read(position);
    if (!event) return std::unexpected(event.error());
    line(event->label() + ", decided at " + schema::to_text(event->envelope.time) + ", about " +
         event->envelope.subject + ", in " +
         std::string(schema::topic_name(schema::topic_of(event->event))));
    who(event->envelope);
    why(*event);
    refusal(event->event);
    if (auto found = neighbours(*event); !found) return std::unexpected(found.error());
    chain(*event);
    line(event->value);
    return std::move(text_);
  }

 private:
  void line(std::string_view words) { text_.append(words).append("\n"); }

  std::expected<ReadEvent, std::string> read(schema::Position position) {
    const std::string name = schema::event_id(position);
    if (position.partition.value >= log_.partitions())
      return std::unexpected("there is no event " + name + ": the log has " +
                             std::to_string(log_.partitions()) + " partitions");
    auto value = log_.at(position);
    if (!value) return std::unexpected(value.error().message);
    if (!*value) return std::unexpected("there is no event " + name);
    ReadEvent event;
    event.value = std::move(**value);
    event.value.reserve(event.value.size() + schema::kPadding);
    if (auto parsed = reader_.event(event.value, event.envelope, event.event); !parsed)
      return std::unexpected(name + " cannot be read: " + parsed.error().detail);
    return event;
  }

  void who(const schema::Envelope& envelope) {
    if (envelope.actor.empty()) return line("Nobody asked for it: a timer did it.");
    std::string words = "Asked for by " + envelope.actor;
    if (envelope.received) words += ", received at " + schema::to_text(*envelope.received);
    if (!envelope.correlation.empty()) words += ", request " + envelope.correlation;
    line(words + ".");
  }

  void why(const ReadEvent& event) {
    const std::string& cause = event.envelope.causation;
    if (schema::command_identity_from_text(cause))
      return line("Caused by the command " + cause + ".");
    const auto armed_by = schema::position_from_event_id(cause);
    if (!armed_by) return line("It names no cause.");
    const auto arming = read(*armed_by);
    line(arming ? "Caused by " + arming->label() + ", which armed the timer at " +
                      schema::to_text(arming->envelope.time) + "."
                : "Names " + cause + " as its cause, but " + arming.error() + ".");
  }

  void refusal(const schema::Event& event) {
    const std::string words = std::visit([](const auto& data) { return refusal_of(data); }, event);
    if (!words.empty()) line(words);
  }

  /// Events with the same command as their cause, and those that name this one.
  std::expected<void, std::string> neighbours(const ReadEvent& event) {
    const schema::Position position = event.envelope.position;
    const std::string id = schema::event_id(position);
    const bool has_command =
        schema::command_identity_from_text(event.envelope.causation).has_value();
    std::string same, later;
    ReadEvent other;
    const auto cursor = log_.read_after({position.partition, {}});
    while (true) {
      const auto events = cursor->read(kReadBytes);
      if (!events) return std::unexpected(events.error().message);
      if (events->empty()) break;
      for (const event_log::StoredEvent& stored : *events) {
        // Most events are strangers: their bytes tell without being parsed.
        const bool is_sibling = has_command && stored.position != position &&
                                stored.value.find(event.envelope.causation) != stored.value.npos;
        const bool is_child =
            stored.value.find("\"causationid\":\"" + id + "\"") != stored.value.npos;
        if (!is_sibling && !is_child) continue;
        if (!reader_.event(stored.value, other.envelope, other.event)) continue;
        if (is_sibling && other.envelope.causation == event.envelope.causation)
          same += " " + other.label() + ",";
        if (is_child) later += " " + other.label() + ",";
      }
    }
    if (!same.empty()) line("The same command led to" + same.substr(0, same.size() - 1) + ".");
    if (!later.empty()) line("It led to" + later.substr(0, later.size() - 1) + ".");
    return {};
  }

  void chain(const ReadEvent& event) {
    const schema::Position position = event.envelope.position;
    const std::optional<schema::Digest>& previous = event.envelope.previous;
    if (position.sequence.value == 1)
      return line(previous ? "It is the first of its partition, BUT NAMES THE HASH OF ANOTHER."
                           : "It is the first of its partition.");
    const auto before = read({position.partition, {position.sequence.value - 1}});
    if (!before) return line("What comes before it cannot be held against it: " + before.error());
    const bool follows = previous == sealing::sha256(before->value);
    line(follows ? "It follows " + before->label() + ": the hash it names is that event's."
                 : "It comes after " + before->label() + ", BUT NAMES ANOTHER HASH.");
  }

  event_log::Log& log_;
  schema::Reader reader_;
  std::string text_;
};

}  // namespace

std::expected<std::string, std::string> explain(event_log::Log& log, schema::Position position) {
  return Explanation(log).of(position);
}

}  // namespace boxoffice::replay
