#include "gateway/http/target.hpp"

#include <algorithm>

namespace boxoffice::gateway::http {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The text where it can be shown; bytes that are no UTF-8 cannot.
std::string as_sent(std::string_view text) { return is_utf8(text) ? std::string(text) : ""; }

/// How many continuation bytes follow a first byte, and the smallest code point of that length; -1:
/// no first byte.
std::pair<int, char32_t> sequence_of(unsigned char first) {
  if (first < 0x80) return {0, 0};
  if (first >= 0xc2 && first < 0xe0) return {1, 0x80};
  if (first >= 0xe0 && first < 0xf0) return {2, 0x800};
  if (first >= 0xf0 && first < 0xf5) return {3, 0x10000};
  return {-1, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto [more, least] = sequence_of(first);
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    if (more == 0) continue;
    char32_t point = first & (0x3f >> more);
    for (int k = 0; k < more; ++k) {
      const auto next = static_cast<unsigned char>(text[++i]);
      if ((next & 0xc0) != 0x80) return false;
      point = (point << 6) | (next & 0x3f);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
  }
  return true;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_blank) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

std::expected<Query, std::string> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decoded(pair.substr(0, equals), true);
    auto value = percent_decoded(pair.substr(std::min(pair.size(), equals + 1)), true);
    const bool one_too_many = query.parameters_.size() == kParametersMax;
    if (!name || !value || one_too_many || query.find(*name))
      return std::unexpected(name.value_or(as_sent(pair.substr(0, equals))));
    query.parameters_.push_back({std::move(*name), std::move(*value)});
  }
  return query;
}

const std::string* Query::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  return found == parameters_.end() ? nullptr : &found->value;
}

std::optional<Target> split_target(std::string_view target) {
  if (const std::size_t scheme = target.find("://");
      scheme != std::string_view::npos && !target.starts_with('/')) {
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  if (!target.starts_with('/')) return std::nullopt;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  return Target{.path = target.substr(0, mark),
                .query = target.substr(std::min(target.size(), mark + 1))};
}

}  // namespace boxoffice::gateway::http
