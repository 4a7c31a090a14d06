#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "events-schema/values.hpp"

/// Writing canonical JSON onto the end of a string.
namespace boxoffice::schema {

/// Quoted, with the shortest escapes; UTF-8 stays as it is. REQUIRES: `text` is UTF-8.
void write_json(std::string& out, std::string_view text);
void write_json(std::string& out, std::int64_t number);
void write_json(std::string& out, std::uint64_t number);
void write_json(std::string& out, bool value);
void write_json(std::string& out, Instant instant);
void write_json(std::string& out, const Digest& digest);
void write_json(std::string& out, Sequence sequence);
void write_json_id(std::string& out, std::span<const std::uint8_t, 16> bytes);
inline void write_json(std::string& out, const char* text) {
  write_json(out, std::string_view(text));
}
template <class Tag>
void write_json(std::string& out, const Id<Tag>& id) {
  write_json_id(out, id.bytes);
}

/// Commas and brackets for bodies that no schema describes:
///
///     JsonWriter json(body);
///     json.begin_object().member("free", free).key("pools").begin_array();
///     for (…) json.begin_object().member("name", pool.name).end_object();
///     json.end_array().end_object();
///
/// Keeps no state but where it began, so that other writers may append in between. REQUIRES: keys
/// and values alternate; nothing here checks it.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    separate();
    write_json(out_, name);
    out_ += ':';
    return *this;
  }
  template <class T>
  JsonWriter& value(const T& value) {
    separate();
    if constexpr (std::same_as<T, bool>)
      write_json(out_, value);
    else if constexpr (std::signed_integral<T>)
      write_json(out_, static_cast<std::int64_t>(value));
    else if constexpr (std::unsigned_integral<T>)
      write_json(out_, static_cast<std::uint64_t>(value));
    else
      write_json(out_, value);
    return *this;
  }
  JsonWriter& null() { return raw("null"); }
  /// A value that is JSON already.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }
  template <class T>
  JsonWriter& member(std::string_view name, const T& of) {
    return key(name).value(of);
  }

 private:
  /// A comma, unless this is the first of its kind. (A text ends in a quote, so what is last
  /// tells.)
  void separate() {
    if (out_.size() == start_) return;
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    return *this;
  }

  std::string& out_;
  std::size_t start_;
};

}  // namespace boxoffice::schema
