#include "gateway/routes/entity_tags.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace boxoffice::gateway {

namespace {

struct EntityTag {
  std::string_view opaque;  ///< quotes included
  bool weak = false;
};

struct Condition {
  bool any = false;  ///< `*`
  std::vector<EntityTag> tags;
};

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

/// Any visible character but the quote; bytes above ASCII, too. Also the comma: so lists of tags
/// are not to be split at commas.
bool stands_in_tag(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '\x7f';
}

/// Takes a tag off the front; nullopt: there is none.
std::optional<EntityTag> next_tag(std::string_view& text) {
  EntityTag tag;
  tag.weak = text.starts_with("W/");
  if (tag.weak) text.remove_prefix(2);
  if (!text.starts_with('"')) return std::nullopt;
  const auto stop = std::ranges::find_if_not(text.substr(1), stands_in_tag);
  const auto length = static_cast<std::size_t>(stop - text.begin());
  if (length == text.size() || *stop != '"') return std::nullopt;
  tag.opaque = text.substr(0, length + 1);
  text.remove_prefix(length + 1);
  return tag;
}

/// `*`, or tags with commas between; elements of a list may be empty (RFC 9110, 5.6.1.2). nullopt:
/// malformed.
std::optional<Condition> condition_of(std::string_view text) {
  Condition condition;
  skip_blanks(text);
  if (text.starts_with('*')) {
    condition.any = true;
    text.remove_prefix(1);
    skip_blanks(text);
    return text.empty() ? std::optional(std::move(condition)) : std::nullopt;
  }
  while (!text.empty()) {
    if (!text.starts_with(',')) {
      const auto tag = next_tag(text);
      if (!tag) return std::nullopt;
      condition.tags.push_back(*tag);
    }
    skip_blanks(text);
    if (!text.empty() && text.front() != ',') return std::nullopt;
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    skip_blanks(text);
  }
  return condition;
}

/// The sequence that `etag` made the tag of.
std::optional<schema::Sequence> sequence_of(const EntityTag& tag) {
  const std::string_view digits = tag.opaque.substr(1, tag.opaque.size() - 2);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const schema::Sequence sequence{number};
  if (number == 0 || sequence > schema::kSequenceMax || etag(sequence) != tag.opaque)
    return std::nullopt;
  return sequence;
}

}  // namespace

std::string etag(schema::Sequence sequence) { return '"' + std::to_string(sequence.value) + '"'; }

bool names_tag(const http::Request& request, std::string_view tag) {
  const std::string text = request.joined("If-None-Match");
  const auto condition = condition_of(text);
  if (!condition) return false;
  return condition->any ||
         std::ranges::find(condition->tags, tag, &EntityTag::opaque) != condition->tags.end();
}

std::optional<std::optional<schema::Sequence>> if_match_of(const http::Request& request,
                                                           std::optional<schema::Sequence> seen) {
  using Wanted = std::optional<schema::Sequence>;
  if (!request.has_header("If-Match")) return Wanted();
  const std::string text = request.joined("If-Match");
  const auto condition = condition_of(text);
  if (!condition) return std::nullopt;
  if (condition->any) return Wanted();
  Wanted newest;
  for (const EntityTag& tag : condition->tags) {
    const auto sequence = tag.weak ? std::nullopt : sequence_of(tag);
    if (sequence && sequence == seen) return Wanted(sequence);
    newest = std::max(newest, sequence);
  }
  return newest ? newest : Wanted(schema::kSequenceMax);
}

}  // namespace boxoffice::gateway
