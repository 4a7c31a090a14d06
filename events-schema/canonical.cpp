// The envelope's members in the order in which event_codec.cpp writes them, `data` last.
#include "events-schema/canonical.hpp"

#include <algorithm>
#include <charconv>

#include "events-schema/canonical_reading.hpp"
#include "events-schema/envelope_text.hpp"
#include "events-schema/reading.hpp"

namespace boxoffice::schema {
namespace {

class CanonicalEvent {
 public:
  CanonicalEvent(std::string_view text, Envelope& envelope, Event& event)
      : in_(text), envelope_(envelope), event_(event) {}

  bool read() {
    return in_.take("{\"specversion\":\"1.0\",\"id\":\"") && id() && in_.take(",\"source\":\"") &&
           source() && in_.take(",\"type\":\"boxoffice.") && type() && in_.take(",\"subject\":") &&
           in_.text(envelope_.subject, {1, 64}) && in_.take(",\"time\":") &&
           in_.instant(envelope_.time) && in_.take(",\"dataschema\":\"urn:boxoffice:") &&
           schema() && in_.take(",\"sequence\":\"") && sequence() && received() &&
           perhaps(",\"causationid\":", envelope_.causation, 64) &&
           perhaps(",\"correlationid\":", envelope_.correlation, 64) &&
           perhaps(",\"traceparent\":", envelope_.traceparent, 55) &&
           perhaps(",\"actor\":", envelope_.actor, 64) && in_.take(",\"prevhash\":") &&
           previous() && command_offset() &&
           perhaps(",\"commandlog\":", envelope_.command_log, 300) && in_.take(",\"data\":") &&
           read_canonical_event(in_, index_, event_) && in_.take("}") && in_.is_at_end();
  }

 private:
  // Each takes the closing quote, too.
  bool id() {
    std::string_view text;
    if (!in_.take_up_to('"', text)) return false;
    const std::optional<Position> position = position_from_event_id(text);
    if (position) envelope_.position = *position;
    return position.has_value();
  }

  bool source() {
    std::string_view text;
    if (!in_.take_up_to('"', text)) return false;
    envelope_.source.assign(text);
    return is_source(text);
  }

  bool type() { return in_.take_up_to('"', name_); }

  bool schema() {
    std::string_view version;
    if (!in_.take(name_) || !in_.take(":") || !in_.take_up_to('"', version)) return false;
    int number = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc{} || end != version.data() + version.size() || version[0] == '0')
      return false;
    // The event before was of the same kind, mostly.
    const bool as_before = name_of(event_) == name_ && version_of(event_) == number;
    const std::optional<std::size_t> index =
        as_before ? event_.index() : event_index(name_, number);
    if (index) index_ = *index;
    return index.has_value();
  }

  bool sequence() {
    char digits[20];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, envelope_.position.sequence.value);
    const std::string_view number(digits, end);
    constexpr std::string_view kZeros = "0000000000000000";
    static_assert(kZeros.size() == kSequenceDigits);
    return in_.take(kZeros.substr(std::min(number.size(), kSequenceDigits))) && in_.take(number) &&
           in_.take("\"");
  }

  bool received() {
    if (in_.take(",\"received\":")) return in_.instant(in_.kept(envelope_.received));
    envelope_.received.reset();
    return true;
  }

  template <std::size_t kSize>
  bool perhaps(const char (&key)[kSize], std::string& into, std::size_t max) {
    if (in_.take(key)) return in_.text(into, {1, max});
    into.clear();
    return true;
  }

  bool previous() {
    if (!in_.take("\"\"")) return in_.digest(in_.kept(envelope_.previous));
    envelope_.previous.reset();
    return true;
  }

  bool command_offset() {
    envelope_.command_offset.reset();
    if (!in_.take(",\"commandoffset\":")) return true;
    std::int64_t offset = 0;
    if (!in_.integer(offset, 0, INT64_MAX)) return false;
    envelope_.command_offset = static_cast<std::uint64_t>(offset);
    return true;
  }

  CanonicalReading in_;
  Envelope& envelope_;
  Event& event_;
  std::string_view name_;
  std::size_t index_ = 0;
};

}  // namespace

bool read_canonical(std::string_view text, Envelope& envelope, Event& event) {
  return CanonicalEvent(text, envelope, event).read();
}

}  // namespace boxoffice::schema
