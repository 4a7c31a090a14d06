#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "events-schema/json_writer.hpp"
#include "events-schema/reading.hpp"

/// What the envelopes of events and of commands are read and written with alike.
namespace boxoffice::schema {

template <class T>
void write_member(std::string& out, std::string_view key, const T& value) {
  out += key;
  write_json(out, value);
}

inline void write_if_any(std::string& out, std::string_view key, const std::string& text) {
  if (!text.empty()) write_member(out, key, std::string_view(text));
}

/// A string that `accept` takes; of any other it is said that it must be `wanted`.
template <class Accept>
bool read_view(Reading& in, JsonValue value, std::string_view wanted, Accept accept) {
  std::string_view text;
  if (!in.view(value, text)) return false;
  return accept(text) || in.fail(ParseErrorKind::wrong_type, "must be ", wanted);
}

/// Which schema an envelope names: `type` and `dataschema` come in any order, and must say the
/// same.
class NamedSchema {
 public:
  /// `name` keeps its memory for the next envelope.
  NamedSchema(std::string_view type_prefix, std::string_view schema_prefix, std::string& name)
      : type_prefix_(type_prefix), schema_prefix_(schema_prefix), name_(name) {}

  /// `<type prefix><name>`
  bool type_says(std::string_view text);
  /// `<schema prefix><name>:<version>`
  bool dataschema_says(std::string_view text);

  bool is_known() const { return named_ == 2; }
  const std::string& name() const { return name_; }
  int version() const { return version_; }

 private:
  bool name_is(std::string_view name);

  const std::string_view type_prefix_;
  const std::string_view schema_prefix_;
  std::string& name_;
  int named_ = 0;  ///< how many of the two have been read
  int version_ = 0;
};

}  // namespace boxoffice::schema
