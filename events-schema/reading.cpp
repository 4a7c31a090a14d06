#include "events-schema/reading.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace boxoffice::schema {
namespace {

/// Of a text that stands in a document (so its closing quote is there): where it ends, and whether
/// anything in it is escaped.
struct RawText {
  std::size_t length;
  bool escapes;
};

/// The bytes of `word` that equal `c` have their high bit set in the result; above the first such
/// byte, others may have.
constexpr std::uint64_t bytes_equal(std::uint64_t word, char c) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t differences = word ^ kOnes * static_cast<std::uint8_t>(c);
  return (differences - kOnes) & ~differences & kOnes << 7;
}

RawText measure(const char* raw) {
  static_assert(std::endian::native == std::endian::little);
  RawText text{0, false};
  // Eight bytes at a time: reading beyond the closing quote stays within the padding.
  for (;;) {
    std::uint64_t word;
    std::memcpy(&word, raw + text.length, sizeof word);
    const std::uint64_t found = bytes_equal(word, '"') | bytes_equal(word, '\\');
    if (found == 0) {
      text.length += sizeof word;
      continue;
    }
    text.length += static_cast<std::size_t>(std::countr_zero(found)) / 8;
    if (raw[text.length] == '"') return text;
    text.escapes = true;
    text.length += 2;
  }
}

/// Whether the text at `raw` is `name`, with nothing escaped. Reads no further than the padding
/// behind the text.
bool is_plainly(const char* raw, std::string_view name) {
  return std::memcmp(raw, name.data(), name.size()) == 0 && raw[name.size()] == '"';
}

std::string amount(std::size_t min, std::size_t max, std::string_view what) {
  std::string words;
  if (max == std::numeric_limits<std::size_t>::max())
    words = "must have at least " + std::to_string(min);
  else if (min == 0)
    words = "must have at most " + std::to_string(max);
  else
    words = "must have " + std::to_string(min) + " to " + std::to_string(max);
  return words.append(" ").append(what);
}

/// What simdjson found, as far as it tells: some of its codes stand for several faults.
std::string_view fault_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return ": there is nothing";
    case simdjson::UTF8_ERROR:
      return ": it is not UTF-8";
    case simdjson::UNCLOSED_STRING:
      return ": a text has no end";
    case simdjson::UNESCAPED_CHARS:
      return ": a control character stands in a text";
    case simdjson::STRING_ERROR:
      return ": a text has an escape that is none";
    case simdjson::NUMBER_ERROR:
      return ": a number is none";
    case simdjson::DEPTH_ERROR:
      return ": it is nested too deeply";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return ": it ends before or after the object does";
    default:
      return "";
  }
}

/// The token without the white space behind it.
std::string_view trimmed(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

/// Takes the digits at the front of `text`; false if there are none.
bool skip_digits(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits > 0;
}

/// A number without fraction and exponent, however large.
bool is_whole_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leading_zero = text.starts_with('0') && text.size() > 1;
  return !leading_zero && skip_digits(text) && text.empty();
}

bool is_number(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(".eE"), text.size());
  if (!is_whole_number(text.substr(0, end))) return false;
  text.remove_prefix(end);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

/// Whether what begins at `token` is JSON at all, as far as the token tells: brackets and texts are
/// taken at their word.
bool is_json(std::string_view token) {
  if (token.empty()) return false;
  if (std::string_view("{[\"").find(token.front()) != std::string_view::npos) return true;
  token = trimmed(token);
  return token == "true" || token == "false" || token == "null" || is_number(token);
}

}  // namespace

bool Reading::begin(std::string_view text, simdjson::ondemand::document& document,
                    JsonObject& object) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
  error_.pointer.clear();
  if (const auto code = parser_.iterate(text, text.size() + kPadding).get(document))
    return malformed(code);
  const auto code = document.get_object().get(object);
  if (code == simdjson::SUCCESS) return true;
  std::string_view token;
  if (code != simdjson::INCORRECT_TYPE || document.raw_json_token().get(token) || !is_json(token))
    return malformed(code == simdjson::INCORRECT_TYPE ? simdjson::TAPE_ERROR : code);
  return fail(ParseErrorKind::wrong_type, "must be an object");
}

bool Reading::end(simdjson::ondemand::document& document) {
  if (document.current_location().error() == simdjson::OUT_OF_BOUNDS) return true;
  error_.pointer.clear();
  return fail(ParseErrorKind::malformed, "something stands after the object's end");
}

bool Reading::find(simdjson::ondemand::field& field, Names names, std::size_t expected,
                   std::uint64_t& seen, std::size_t& member) {
  // Canonical bytes have the schema's order, so the next name is mostly there as it is.
  const simdjson::ondemand::raw_json_string raw = field.key();
  for (member = expected; member < names.size() && !is_plainly(raw.raw(), names[member]);) ++member;
  if (member == names.size() && !search(raw, names, member)) return false;

  const std::uint64_t bit = std::uint64_t{1} << member;
  if (seen & bit) {
    fail(ParseErrorKind::malformed, "the member stands twice");
    return inside(names[member]);
  }
  seen |= bit;
  return true;
}

bool Reading::search(simdjson::ondemand::raw_json_string raw, Names names, std::size_t& member) {
  std::string_view name;
  if (!unescaped(raw, name)) return false;
  for (member = 0; member < names.size(); ++member)
    if (names[member] == name) return true;
  const std::string unknown(name);
  fail(ParseErrorKind::unknown_field, "there is no such member");
  return inside(unknown);
}

bool Reading::missing(Names names, std::uint64_t lacking) {
  fail(ParseErrorKind::missing_field, "the member is required");
  return inside(names[static_cast<std::size_t>(std::countr_zero(lacking))]);
}

bool Reading::unescaped(simdjson::ondemand::raw_json_string raw, std::string_view& into) {
  const RawText text = measure(raw.raw());
  if (!text.escapes) {
    into = {raw.raw(), text.length};
    return true;
  }
  // simdjson writes whole blocks, up to its padding beyond the text's end.
  if (scratch_.size() < text.length + simdjson::SIMDJSON_PADDING)
    scratch_.resize(text.length + simdjson::SIMDJSON_PADDING);
  auto* out = reinterpret_cast<std::uint8_t*>(scratch_.data());
  if (const auto code = parser_.unescape(raw, out).get(into)) return malformed(code);
  // Half of a surrogate pair can be escaped, but is no character.
  if (!simdjson::validate_utf8(into.data(), into.size())) return malformed(simdjson::STRING_ERROR);
  return true;
}

bool Reading::view(JsonValue value, std::string_view& into) {
  simdjson::ondemand::raw_json_string raw;
  if (const auto code = value.get_raw_json_string().get(raw)) return not_a(value, code, "text");
  return unescaped(raw, into);
}

bool Reading::text(JsonValue value, std::string& into, const TextShape& shape) {
  std::string_view found;
  if (!view(value, found)) return false;
  if (!length_fits(found, shape))
    return fail(ParseErrorKind::out_of_range,
                amount(shape.characters_min, shape.characters_max, "characters"));
  if (!pattern_fits(found, shape))
    return fail(ParseErrorKind::wrong_type, "must match ", shape.pattern_text);
  into.assign(found);
  return true;
}

bool Reading::integer(JsonValue value, std::int64_t& into, std::int64_t min, std::int64_t max) {
  const auto code = value.get_int64().get(into);
  if (code != simdjson::SUCCESS && !is_whole_number(trimmed(value.raw_json_token())))
    return not_a(value, code, "a whole number");
  if (code == simdjson::SUCCESS && into >= min && into <= max) return true;
  return fail(ParseErrorKind::out_of_range,
              "must be from " + std::to_string(min) + " to " + std::to_string(max));
}

bool Reading::integer(JsonValue value, Sequence& into, std::int64_t min, std::int64_t max) {
  std::int64_t number = 0;
  if (!integer(value, number, min, max)) return false;
  into.value = static_cast<std::uint64_t>(number);
  return true;
}

bool Reading::boolean(JsonValue value, bool& into) {
  if (const auto code = value.get_bool().get(into)) return not_a(value, code, "true or false");
  return true;
}

bool Reading::instant(JsonValue value, Instant& into) {
  std::string_view text;
  if (!view(value, text)) return false;
  const bool canonical = times_ == Times::canonical;
  const std::optional<Instant> found =
      canonical ? instant_from_text(text) : instant_from_rfc3339(text);
  if (!found)
    return fail(ParseErrorKind::wrong_type, "must be a time like 2027-01-16T19:00:00.000Z",
                canonical ? "" : " or 2027-01-16T20:00:00+01:00, in whole milliseconds");
  into = *found;
  return true;
}

bool Reading::digest(JsonValue value, Digest& into) {
  std::string_view text;
  if (!view(value, text)) return false;
  const std::optional<Digest> found = digest_from_text(text);
  if (!found) return fail(ParseErrorKind::wrong_type, "must be 64 lower-case hex digits");
  into = *found;
  return true;
}

bool Reading::id(JsonValue value, std::array<std::uint8_t, 16>& into) {
  std::string_view text;
  if (!view(value, text)) return false;
  if (!read_id(text, into)) return fail(ParseErrorKind::wrong_type, "is no id");
  return true;
}

bool Reading::bad_count(std::size_t min, std::size_t max) {
  return fail(ParseErrorKind::out_of_range, amount(min, max, "elements"));
}

bool Reading::fail(ParseErrorKind kind, std::string_view detail, std::string_view rest) {
  error_.kind = kind;
  error_.detail.assign(detail).append(rest);
  return false;
}

bool Reading::inside(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  error_.pointer.insert(0, pointer);
  return false;
}

bool Reading::malformed(simdjson::error_code code) {
  return fail(ParseErrorKind::malformed, "is not JSON", fault_of(code));
}

bool Reading::not_a(JsonValue value, simdjson::error_code code, std::string_view wanted) {
  // Something else than what was asked for, or nothing at all?
  if (!is_json(value.raw_json_token()))
    return malformed(code == simdjson::INCORRECT_TYPE ? simdjson::TAPE_ERROR : code);
  return fail(ParseErrorKind::wrong_type, "must be ", wanted);
}

}  // namespace boxoffice::schema
