#include "events-schema/envelope_codec.hpp"

#include <charconv>

namespace boxoffice::schema {

bool NamedSchema::type_says(std::string_view text) {
  return text.starts_with(type_prefix_) && name_is(text.substr(type_prefix_.size()));
}

bool NamedSchema::dataschema_says(std::string_view text) {
  if (!text.starts_with(schema_prefix_)) return false;
  text.remove_prefix(schema_prefix_.size());
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return false;
  const std::string_view version = text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), version_);
  return error == std::errc{} && end == version.data() + version.size() && version_ > 0 &&
         version.front() != '0' && name_is(text.substr(0, colon));
}

bool NamedSchema::name_is(std::string_view name) {
  if (named_++ == 0) name_.assign(name);
  return name_ == name;
}

}  // namespace boxoffice::schema
