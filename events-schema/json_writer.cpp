#include "events-schema/json_writer.hpp"

#include <charconv>

namespace boxoffice::schema {
namespace {

constexpr bool must_be_escaped(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

constexpr auto kMustBeEscaped = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) table[c] = must_be_escaped(static_cast<char>(c));
  return table;
}();

void write_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
  }
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

template <class Number>
void write_number(std::string& out, Number number) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

}  // namespace

void write_json(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!kMustBeEscaped[static_cast<unsigned char>(text[i])]) continue;
    out.append(text, written, i - written);
    write_escape(out, text[i]);
    written = i + 1;
  }
  out.append(text, written, text.size() - written);
  out += '"';
}

void write_json(std::string& out, std::int64_t number) { write_number(out, number); }
void write_json(std::string& out, std::uint64_t number) { write_number(out, number); }
void write_json(std::string& out, bool value) { out += value ? "true" : "false"; }
void write_json(std::string& out, Sequence sequence) { write_number(out, sequence.value); }

void write_json(std::string& out, Instant instant) {
  char text[kInstantTextLength + 2];
  text[0] = '"';
  *write_instant(instant, text + 1) = '"';
  out.append(text, sizeof text);
}

void write_json(std::string& out, const Digest& digest) {
  char text[kDigestTextLength + 2];
  text[0] = '"';
  *write_digest(digest, text + 1) = '"';
  out.append(text, sizeof text);
}

void write_json_id(std::string& out, std::span<const std::uint8_t, 16> bytes) {
  char text[kIdTextLength + 2];
  text[0] = '"';
  *write_id(bytes, text + 1) = '"';
  out.append(text, sizeof text);
}

}  // namespace boxoffice::schema
