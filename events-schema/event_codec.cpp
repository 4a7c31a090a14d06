// Whole events: the envelope's members in the order of envelope.json, `data` last.
#include <charconv>

#include "events-schema/canonical.hpp"
#include "events-schema/envelope_codec.hpp"
#include "events-schema/envelope_text.hpp"

namespace boxoffice::schema {
namespace {

namespace member {
enum Member : std::size_t {
  specversion,
  id,
  source,
  type,
  subject,
  time,
  dataschema,
  sequence,
  received,
  causationid,
  correlationid,
  traceparent,
  actor,
  prevhash,
  commandoffset,
  commandlog,
  data,
  count,
};
}  // namespace member

constexpr std::array<std::string_view, member::count> kNames{
    "specversion", "id",       "source",        "type",        "subject",       "time",
    "dataschema",  "sequence", "received",      "causationid", "correlationid", "traceparent",
    "actor",       "prevhash", "commandoffset", "commandlog",  "data"};

constexpr std::uint64_t bit(member::Member which) { return std::uint64_t{1} << which; }

constexpr std::uint64_t kOptional = bit(member::received) | bit(member::causationid) |
                                    bit(member::correlationid) | bit(member::traceparent) |
                                    bit(member::actor) | bit(member::commandoffset) |
                                    bit(member::commandlog);
constexpr std::uint64_t kRequired = (std::uint64_t{1} << member::count) - 1 - kOptional;

void append_number(std::string& out, std::uint64_t number, std::size_t width = 1) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  const auto length = static_cast<std::size_t>(end - digits);
  if (length < width) out.append(width - length, '0');
  out.append(digits, length);
}

ParseError unknown_schema(std::string_view kind, std::string_view name, int version) {
  std::string detail = "this program knows no ";
  detail.append(kind).append(" ").append(name).append(" of version ");
  return {ParseErrorKind::unknown_schema, "", detail + std::to_string(version)};
}

/// Reads one event: the envelope's members as they come, and `data` as soon as its schema is known.
class EventReading {
 public:
  EventReading(Reading& in, std::string& name, Envelope& envelope, Event& event)
      : in_(in), schema_(kTypePrefix, kSchemaPrefix, name), envelope_(envelope), event_(event) {}

  bool read(JsonObject object) {
    std::uint64_t seen = 0;
    const auto read = [&](std::size_t which, JsonValue value) {
      return read_member(static_cast<member::Member>(which), value);
    };
    if (!in_.members(object, kNames, kRequired, seen, read)) return false;
    forget(kOptional & ~seen);
    if (sequence_ == envelope_.position.sequence) return true;
    in_.fail(ParseErrorKind::wrong_type, "must be the second half of id, padded to 16 digits");
    return in_.inside(kNames[member::sequence]);
  }

 private:
  bool read_member(member::Member which, JsonValue value) {
    switch (which) {
      case member::specversion:
        return read_view(in_, value, "\"1.0\"",
                         [](std::string_view text) { return text == "1.0"; });
      case member::id:
        return read_view(in_, value, "<partition>-<sequence>", [&](std::string_view text) {
          const std::optional<Position> position = position_from_event_id(text);
          if (position) envelope_.position = *position;
          return position.has_value();
        });
      case member::source:
        return read_view(in_, value, "boxoffice:<deployment>", [&](std::string_view text) {
          envelope_.source.assign(text);
          return is_source(text);
        });
      case member::type:
        return read_view(in_, value, "boxoffice.<name>",
                         [&](std::string_view text) { return schema_.type_says(text); }) &&
               resolve();
      case member::subject:
        return in_.text(value, envelope_.subject, {1, 64});
      case member::time:
        return in_.instant(value, envelope_.time);
      case member::dataschema:
        return read_view(in_, value, "urn:boxoffice:<name>:<version>",
                         [&](std::string_view text) { return schema_.dataschema_says(text); }) &&
               resolve();
      case member::sequence:
        return read_view(in_, value, "16 digits", [&](std::string_view text) {
          const auto [end, error] =
              std::from_chars(text.data(), text.data() + text.size(), sequence_.value);
          return text.size() == kSequenceDigits && error == std::errc{} &&
                 end == text.data() + text.size();
        });
      case member::received:
        return in_.instant(value, Reading::kept(envelope_.received));
      case member::causationid:
        return in_.text(value, envelope_.causation, {1, 64});
      case member::correlationid:
        return in_.text(value, envelope_.correlation, {1, 64});
      case member::traceparent:
        return in_.text(value, envelope_.traceparent, {1, 55});
      case member::actor:
        return in_.text(value, envelope_.actor, {1, 64});
      case member::prevhash:
        return read_view(in_, value, "64 lower-case hex digits, or nothing",
                         [&](std::string_view text) {
                           envelope_.previous = digest_from_text(text);
                           return text.empty() || envelope_.previous.has_value();
                         });
      case member::commandoffset: {
        std::int64_t offset = 0;
        if (!in_.integer(value, offset, 0, INT64_MAX)) return false;
        envelope_.command_offset = static_cast<std::uint64_t>(offset);
        return true;
      }
      case member::commandlog:
        return in_.text(value, envelope_.command_log, {1, 300});
      case member::data:
        return read_data(value);
      case member::count:
        break;
    }
    return false;
  }

  /// Which event it is, as soon as both members have been read.
  bool resolve() {
    if (!schema_.is_known()) return true;
    index_ = event_index(schema_.name(), schema_.version());
    return index_ || in_.fail(ParseErrorKind::unknown_schema,
                              unknown_schema("event", schema_.name(), schema_.version()).detail);
  }

  bool read_data(JsonValue value) {
    if (!index_) return in_.fail(ParseErrorKind::malformed, "must come after type and dataschema");
    JsonObject data;
    if (const auto code = value.get_object().get(data)) return in_.not_a(value, code, "an object");
    return read_event(in_, *index_, data, event_);
  }

  void forget(std::uint64_t absent) {
    if (absent & bit(member::received)) envelope_.received.reset();
    if (absent & bit(member::causationid)) envelope_.causation.clear();
    if (absent & bit(member::correlationid)) envelope_.correlation.clear();
    if (absent & bit(member::traceparent)) envelope_.traceparent.clear();
    if (absent & bit(member::actor)) envelope_.actor.clear();
    if (absent & bit(member::commandoffset)) envelope_.command_offset.reset();
    if (absent & bit(member::commandlog)) envelope_.command_log.clear();
  }

  Reading& in_;
  NamedSchema schema_;
  Envelope& envelope_;
  Event& event_;
  Sequence sequence_;
  std::optional<std::size_t> index_;
};

}  // namespace

void write_data(std::string& out, const Event& event) {
  std::visit([&]<class T>(const T& of) { Form<T>::write(out, of); }, event);
}

void write_data(std::string& out, const Command& command) {
  std::visit([&]<class T>(const T& of) { Form<T>::write(out, of); }, command);
}

void write_event(std::string& out, const Envelope& envelope, const Event& event) {
  const std::string_view name = name_of(event);
  out += "{\"specversion\":\"1.0\",\"id\":\"";
  append_number(out, envelope.position.partition.value);
  out += '-';
  append_number(out, envelope.position.sequence.value);
  write_member(out, "\",\"source\":", std::string_view(envelope.source));
  out.append(",\"type\":\"").append(kTypePrefix).append(name);
  write_member(out, "\",\"subject\":", std::string_view(envelope.subject));
  write_member(out, ",\"time\":", envelope.time);
  out.append(",\"dataschema\":\"").append(kSchemaPrefix).append(name) += ':';
  append_number(out, static_cast<std::uint64_t>(version_of(event)));
  out += "\",\"sequence\":\"";
  append_number(out, envelope.position.sequence.value, kSequenceDigits);
  out += '"';
  if (envelope.received) write_member(out, ",\"received\":", *envelope.received);
  write_if_any(out, ",\"causationid\":", envelope.causation);
  write_if_any(out, ",\"correlationid\":", envelope.correlation);
  write_if_any(out, ",\"traceparent\":", envelope.traceparent);
  write_if_any(out, ",\"actor\":", envelope.actor);
  if (envelope.previous)
    write_member(out, ",\"prevhash\":", *envelope.previous);
  else
    out += ",\"prevhash\":\"\"";
  if (envelope.command_offset) write_member(out, ",\"commandoffset\":", *envelope.command_offset);
  write_if_any(out, ",\"commandlog\":", envelope.command_log);
  out += ",\"data\":";
  write_data(out, event);
  out += '}';
}

bool is_canonical(std::string_view text, const Envelope& envelope, const Event& event) {
  std::string written;
  written.reserve(text.size());
  write_event(written, envelope, event);
  return written == text;
}

std::string_view name_of(const Event& event) {
  return std::visit([]<class T>(const T&) { return T::kName; }, event);
}
std::string_view name_of(const Command& command) {
  return std::visit([]<class T>(const T&) { return T::kName; }, command);
}
int version_of(const Event& event) {
  return std::visit([]<class T>(const T&) { return T::kVersion; }, event);
}
int version_of(const Command& command) {
  return std::visit([]<class T>(const T&) { return T::kVersion; }, command);
}
Topic topic_of(const Event& event) {
  return std::visit([]<class T>(const T&) { return T::kTopic; }, event);
}

Reader::Reader(Times times) : parser_(new Parser{.reading = Reading(times), .schema = {}}) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

std::expected<void, ParseError> Reader::event(std::string_view text, Envelope& envelope,
                                              Event& into) {
  if (read_canonical(text, envelope, into)) return {};
  Reading& in = parser_->reading;
  EventReading event(in, parser_->schema, envelope, into);
  if (in.document(text, [&](JsonObject object) { return event.read(object); })) return {};
  return std::unexpected(std::move(in.error()));
}

std::expected<void, ParseError> Reader::event_data(std::string_view name, int version,
                                                   std::string_view text, Event& into) {
  Reading& in = parser_->reading;
  const std::optional<std::size_t> index = event_index(name, version);
  if (!index) return std::unexpected(unknown_schema("event", name, version));
  if (in.document(text, [&](JsonObject data) { return read_event(in, *index, data, into); }))
    return {};
  return std::unexpected(std::move(in.error()));
}

std::expected<void, ParseError> Reader::command_data(std::string_view name, int version,
                                                     std::string_view text, Command& into) {
  Reading& in = parser_->reading;
  const std::optional<std::size_t> index = command_index(name, version);
  if (!index) return std::unexpected(unknown_schema("command", name, version));
  if (in.document(text, [&](JsonObject data) { return read_command(in, *index, data, into); }))
    return {};
  return std::unexpected(std::move(in.error()));
}

}  // namespace boxoffice::schema
