#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "events-schema/envelope.hpp"
#include "events-schema/generated.hpp"  // made by generator/ from the schemas, when building

/// Reading and writing commands and events as JSON.
///
/// The canonical form: members in the schema's order, absent optional members left out, no white
/// space, the shortest escapes, UTF-8 as it is. Writing what was read from canonical bytes gives
/// the same bytes. Writing allocates nothing but the growth of `out`; reading allocates nothing but
/// the growth of the strings of the value read into, so a reader that keeps its value settles at no
/// allocation at all.
namespace boxoffice::schema {

enum class ParseErrorKind {
  malformed,      ///< not JSON, not UTF-8, too deep
  unknown_field,  ///< a member that the schema lacks
  missing_field,  ///< a required member is absent
  wrong_type,     ///< a number where text is asked for, and so on; also a text that no value of the
                  ///< type has
  out_of_range,   ///< too long, too short, too large, too small, too many
  unknown_schema,  ///< an event of a type or version that this program does not know
};

struct ParseError {
  ParseErrorKind kind;
  std::string pointer;  ///< RFC 6901, of the member concerned (of the missing one, too); empty: the
                        ///< whole document
  std::string detail;   ///< a sentence for a person, which says what would have been right
};

/// Bytes that simdjson must be able to read beyond the end of every text given to the functions
/// below.
inline constexpr std::size_t kPadding = 64;

/// The canonical bytes of `data` alone.
void write_data(std::string& out, const Event& event);
void write_data(std::string& out, const Command& command);

/// The whole event, envelope and data, as it stands on the log. Appends to `out`.
void write_event(std::string& out, const Envelope& envelope, const Event& event);

/// A whole command, envelope and data. Appends to `out`.
void write_command(std::string& out, const CommandEnvelope& envelope, const Command& command);

/// Any T that the generator made.
template <class T>
void write_object(std::string& out, const T& from);

/// Whether `text`, of which `envelope` and `event` were read, is how this program would have
/// written them.
[[nodiscard]] bool is_canonical(std::string_view text, const Envelope& envelope,
                                const Event& event);

/// Which texts are read as times.
enum class Times {
  canonical,  ///< the one form that stands on the log
  rfc3339,    ///< whatever `instant_from_rfc3339` reads: what people wrote
};

/// Reads a whole event. `text` must be followed by `kPadding` readable bytes. On an error,
/// `envelope` and `event` are unspecified. Not thread-safe for one Reader; each thread has its own.
class Reader {
 public:
  explicit Reader(Times times = Times::canonical);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  [[nodiscard]] std::expected<void, ParseError> event(std::string_view text, Envelope& envelope,
                                                      Event& into);
  /// As `event`, of a whole command.
  [[nodiscard]] std::expected<void, ParseError> command(std::string_view text,
                                                        CommandEnvelope& envelope, Command& into);
  [[nodiscard]] std::expected<void, ParseError> event_data(std::string_view name, int version,
                                                           std::string_view text, Event& into);
  [[nodiscard]] std::expected<void, ParseError> command_data(std::string_view name, int version,
                                                             std::string_view text, Command& into);

  /// Each T of `generated.hpp` (also those of other schema folders that the generator was run on).
  template <class T>
  [[nodiscard]] std::expected<void, ParseError> object(std::string_view text, T& into);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Name, version and topic of an event's alternative.
std::string_view name_of(const Event& event);
std::string_view name_of(const Command& command);
int version_of(const Event& event);
int version_of(const Command& command);
Topic topic_of(const Event& event);

}  // namespace boxoffice::schema
