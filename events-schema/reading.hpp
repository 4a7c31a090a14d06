#pragma once

#include <simdjson.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/codec.hpp"
#include "events-schema/json_writer.hpp"
#include "events-schema/text_shape.hpp"

/// What generated code reads with. For `.cpp` files only: simdjson shows nowhere else.
namespace boxoffice::schema {

class CanonicalReading;

using JsonValue = simdjson::ondemand::value;
using JsonObject = simdjson::ondemand::object;

/// One walk over one document. Each reader of a value returns false when it has failed; `error()`
/// then says where and why. The path is put together on the way out, so that reading what is right
/// costs nothing for it.
///
/// It descends where the schema does and nowhere else, so the schema bounds the depth: what is
/// deeper has a wrong type.
class Reading {
 public:
  using Names = std::span<const std::string_view>;

  explicit Reading(Times times) : times_(times) {}

  /// Reads the one object that `text` must be. `read(JsonObject) -> bool`.
  template <class Read>
  bool document(std::string_view text, Read read) {
    simdjson::ondemand::document document;
    JsonObject object;
    return begin(text, document, object) && read(object) && end(document);
  }

  /// Reads every member of `object` once, in whatever order; `read(index into names, value) ->
  /// bool`. Of `names` those whose bit is set in `required` must be there; the bits of those that
  /// were are in `seen`.
  template <class Read>
  bool members(JsonObject object, Names names, std::uint64_t required, std::uint64_t& seen,
               Read read) {
    seen = 0;
    std::size_t expected = 0;
    for (auto result : object) {
      simdjson::ondemand::field field;
      if (const auto code = std::move(result).get(field)) return malformed(code);
      std::size_t member;
      if (!find(field, names, expected, seen, member)) return false;
      expected = member + 1;
      if (!read(member, field.value())) return inside(names[member]);
    }
    if ((seen & required) != required) return missing(names, required & ~seen);
    return true;
  }

  bool text(JsonValue value, std::string& into, const TextShape& shape);
  bool integer(JsonValue value, std::int64_t& into, std::int64_t min, std::int64_t max);
  bool integer(JsonValue value, Sequence& into, std::int64_t min, std::int64_t max);
  bool boolean(JsonValue value, bool& into);
  bool instant(JsonValue value, Instant& into);
  bool digest(JsonValue value, Digest& into);

  template <class Tag>
  bool id(JsonValue value, Id<Tag>& into) {
    return id(value, into.bytes);
  }

  template <class Enum>
  bool choice(JsonValue value, Enum& into, std::optional<Enum> (*from_text)(std::string_view),
              std::string_view choices) {
    std::string_view text;
    if (!view(value, text)) return false;
    const std::optional<Enum> found = from_text(text);
    if (!found) return fail(ParseErrorKind::wrong_type, "must be one of ", choices);
    into = *found;
    return true;
  }

  template <class T>
  bool object(JsonValue value, T& into);

  template <class T, class Read>
  bool array(JsonValue value, std::vector<T>& into, std::size_t min, std::size_t max, Read read) {
    simdjson::ondemand::array elements;
    if (const auto code = value.get_array().get(elements)) return not_a(value, code, "an array");
    std::size_t count = 0;
    for (auto result : elements) {
      JsonValue element;
      if (const auto code = std::move(result).get(element)) return malformed(code);
      if (count == max) return bad_count(min, max);
      if (into.size() == count) into.emplace_back();
      if (!read(element, into[count])) return inside(std::to_string(count));
      ++count;
    }
    if (count < min) return bad_count(min, max);
    into.resize(count);
    return true;
  }

  /// `null`, or what `read(value, T&)` reads.
  template <class T, class Read>
  bool nullable(JsonValue value, std::optional<T>& into, Read read) {
    bool null;
    if (const auto code = value.is_null().get(null)) return malformed(code);
    if (null) {
      into.reset();
      return true;
    }
    return read(value, kept(into));
  }

  /// The text of `value`, without a copy where it has no escapes; valid until the next call.
  bool view(JsonValue value, std::string_view& into);
  bool fail(ParseErrorKind kind, std::string_view detail, std::string_view rest = {});
  /// False; the member or element that failed is within `name`.
  bool inside(std::string_view name);
  bool malformed(simdjson::error_code code);
  bool not_a(JsonValue value, simdjson::error_code code, std::string_view wanted);

  /// The value of an optional member that is there: the old one, for its memory, or a new one.
  template <class T>
  static T& kept(std::optional<T>& member) {
    return member ? *member : member.emplace();
  }

  ParseError& error() { return error_; }

 private:
  bool begin(std::string_view text, simdjson::ondemand::document& document, JsonObject& object);
  bool end(simdjson::ondemand::document& document);
  bool find(simdjson::ondemand::field& field, Names names, std::size_t expected,
            std::uint64_t& seen, std::size_t& member);
  bool search(simdjson::ondemand::raw_json_string raw, Names names, std::size_t& member);
  bool missing(Names names, std::uint64_t lacking);
  bool bad_count(std::size_t min, std::size_t max);
  bool unescaped(simdjson::ondemand::raw_json_string raw, std::string_view& into);
  bool id(JsonValue value, std::array<std::uint8_t, 16>& into);

  Times times_;
  simdjson::ondemand::parser parser_;
  std::string scratch_;  ///< the last text that had escapes
  ParseError error_{};
};

/// How a struct made from a schema is read and written; the generated sources define both for each
/// of theirs, and `read_canonical` for what stands in events.
template <class T>
struct Form {
  static bool read(Reading& in, JsonObject object, T& into);
  static bool read_canonical(CanonicalReading& in, T& into);
  static void write(std::string& out, const T& from);
};

template <class T>
bool Reading::object(JsonValue value, T& into) {
  JsonObject object;
  if (const auto code = value.get_object().get(object)) return not_a(value, code, "an object");
  return Form<T>::read(*this, object, into);
}

/// Members are written with a comma before each: the first comma becomes the brace.
inline void close_object(std::string& out, std::size_t start) {
  if (out.size() == start) {
    out += "{}";
    return;
  }
  out[start] = '{';
  out += '}';
}

struct Reader::Parser {
  Reading reading;
  std::string schema;  ///< the name of the event under way
};

template <class T>
std::expected<void, ParseError> Reader::object(std::string_view text, T& into) {
  Reading& in = parser_->reading;
  if (in.document(text, [&](JsonObject object) { return Form<T>::read(in, object, into); }))
    return {};
  return std::unexpected(std::move(in.error()));
}

template <class T>
void write_object(std::string& out, const T& from) {
  Form<T>::write(out, from);
}

/// Which alternative of `Event` has that name and version; nullopt: this program knows none.
std::optional<std::size_t> event_index(std::string_view name, int version);
std::optional<std::size_t> command_index(std::string_view name, int version);
bool read_event(Reading& in, std::size_t index, JsonObject object, Event& into);
bool read_canonical_event(CanonicalReading& in, std::size_t index, Event& into);
bool read_command(Reading& in, std::size_t index, JsonObject object, Command& into);

}  // namespace boxoffice::schema
