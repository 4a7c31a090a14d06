// Whole commands: the envelope's members in the order of command_envelope.json, `data` last.
#include "events-schema/envelope_codec.hpp"
#include "events-schema/envelope_text.hpp"

namespace boxoffice::schema {
namespace {

constexpr std::string_view kCommandType = "boxoffice.command.";
constexpr std::string_view kCommandSchema = "urn:boxoffice:command:";

namespace member {
enum Member : std::size_t {
  specversion,
  id,
  source,
  type,
  subject,
  time,
  dataschema,
  deadline,
  correlationid,
  traceparent,
  actor,
  replyto,
  keyname,
  keyvalue,
  data,
  count,
};
}  // namespace member

constexpr std::array<std::string_view, member::count> kNames{
    "specversion", "id",         "source",   "type",          "subject",
    "time",        "dataschema", "deadline", "correlationid", "traceparent",
    "actor",       "replyto",    "keyname",  "keyvalue",      "data"};

constexpr std::uint64_t bit(member::Member which) { return std::uint64_t{1} << which; }

constexpr std::uint64_t kOptional = bit(member::correlationid) | bit(member::traceparent) |
                                    bit(member::actor) | bit(member::replyto) |
                                    bit(member::keyname) | bit(member::keyvalue);
constexpr std::uint64_t kRequired = (std::uint64_t{1} << member::count) - 1 - kOptional;

/// Reads one command: the envelope's members as they come, and `data` once its schema is known.
class CommandReading {
 public:
  CommandReading(Reading& in, std::string& name, CommandEnvelope& envelope, Command& command)
      : in_(in),
        schema_(kCommandType, kCommandSchema, name),
        envelope_(envelope),
        command_(command) {}

  bool read(JsonObject object) {
    std::uint64_t seen = 0;
    const auto read = [&](std::size_t which, JsonValue value) {
      return read_member(static_cast<member::Member>(which), value);
    };
    if (!in_.members(object, kNames, kRequired, seen, read)) return false;
    forget(kOptional & ~seen);
    if (envelope_.key_name.empty() == envelope_.key_value.empty()) return true;
    in_.fail(ParseErrorKind::missing_field, "keyname and keyvalue stand together");
    return in_.inside(kNames[member::keyname]);
  }

 private:
  bool read_member(member::Member which, JsonValue value) {
    switch (which) {
      case member::specversion:
        return read_view(in_, value, "\"1.0\"",
                         [](std::string_view text) { return text == "1.0"; });
      case member::id:
        return read_view(in_, value, "<id>.<tag>", [&](std::string_view text) {
          const auto identity = command_identity_from_text(text);
          if (identity) envelope_.identity = *identity;
          return identity.has_value();
        });
      case member::source:
        return read_view(in_, value, "boxoffice:<deployment>", [&](std::string_view text) {
          envelope_.source.assign(text);
          return is_source(text);
        });
      case member::type:
        return read_view(in_, value, "boxoffice.command.<name>",
                         [&](std::string_view text) { return schema_.type_says(text); });
      case member::subject:
        return in_.text(value, envelope_.subject, {1, 64});
      case member::time:
        return in_.instant(value, envelope_.received);
      case member::dataschema:
        return read_view(in_, value, "urn:boxoffice:command:<name>:<version>",
                         [&](std::string_view text) { return schema_.dataschema_says(text); });
      case member::deadline:
        return in_.instant(value, envelope_.deadline);
      case member::correlationid:
        return in_.text(value, envelope_.correlation, {1, 64});
      case member::traceparent:
        return in_.text(value, envelope_.traceparent, {1, 55});
      case member::actor:
        return in_.text(value, envelope_.actor, {1, 64});
      case member::replyto:
        return in_.text(value, envelope_.reply_to, {1, 64});
      case member::keyname:
        return in_.text(value, envelope_.key_name, {1, 255});
      case member::keyvalue:
        return in_.text(value, envelope_.key_value, {1, 4096});
      case member::data:
        return read_data(value);
      case member::count:
        break;
    }
    return false;
  }

  bool read_data(JsonValue value) {
    if (!schema_.is_known())
      return in_.fail(ParseErrorKind::malformed, "must come after dataschema");
    const auto index = command_index(schema_.name(), schema_.version());
    if (!index)
      return in_.fail(ParseErrorKind::unknown_schema,
                      "this program knows no such command: ", schema_.name());
    JsonObject data;
    if (const auto code = value.get_object().get(data)) return in_.not_a(value, code, "an object");
    return read_command(in_, *index, data, command_);
  }

  void forget(std::uint64_t absent) {
    if (absent & bit(member::correlationid)) envelope_.correlation.clear();
    if (absent & bit(member::traceparent)) envelope_.traceparent.clear();
    if (absent & bit(member::actor)) envelope_.actor.clear();
    if (absent & bit(member::replyto)) envelope_.reply_to.clear();
    if (absent & bit(member::keyname)) envelope_.key_name.clear();
    if (absent & bit(member::keyvalue)) envelope_.key_value.clear();
  }

  Reading& in_;
  NamedSchema schema_;
  CommandEnvelope& envelope_;
  Command& command_;
};

}  // namespace

void write_command(std::string& out, const CommandEnvelope& envelope, const Command& command) {
  const std::string_view name = name_of(command);
  out.append("{\"specversion\":\"1.0\",\"id\":\"").append(to_text(envelope.identity));
  write_member(out, "\",\"source\":", std::string_view(envelope.source));
  out.append(",\"type\":\"").append(kCommandType).append(name);
  write_member(out, "\",\"subject\":", std::string_view(envelope.subject));
  write_member(out, ",\"time\":", envelope.received);
  out.append(",\"dataschema\":\"").append(kCommandSchema).append(name) += ':';
  out += std::to_string(version_of(command));
  write_member(out, "\",\"deadline\":", envelope.deadline);
  write_if_any(out, ",\"correlationid\":", envelope.correlation);
  write_if_any(out, ",\"traceparent\":", envelope.traceparent);
  write_if_any(out, ",\"actor\":", envelope.actor);
  write_if_any(out, ",\"replyto\":", envelope.reply_to);
  write_if_any(out, ",\"keyname\":", envelope.key_name);
  write_if_any(out, ",\"keyvalue\":", envelope.key_value);
  out += ",\"data\":";
  write_data(out, command);
  out += '}';
}

std::expected<void, ParseError> Reader::command(std::string_view text, CommandEnvelope& envelope,
                                                Command& into) {
  Reading& in = parser_->reading;
  CommandReading command(in, parser_->schema, envelope, into);
  if (in.document(text, [&](JsonObject object) { return command.read(object); })) return {};
  return std::unexpected(std::move(in.error()));
}

}  // namespace boxoffice::schema
