// RFC 3339 without locale and without allocation: with three decimals and `Z` as it stands on the
// log, and in the other forms that people and their libraries write.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "events-schema/values.hpp"

namespace boxoffice::schema {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr Instant kFirst = sys_days{std::chrono::year{0} / 1 / 1};
constexpr Instant kEnd = sys_days{std::chrono::year{10000} / 1 / 1};

char* write_digits(unsigned value, int width, char* out) {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + width;
}

/// The number at `text`; one of `kWidth` characters that is no digit sets `wrong`.
template <int kWidth>
unsigned read_digits(const char* text, bool& wrong) {
  unsigned number = 0;
  for (int i = 0; i < kWidth; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    wrong |= digit > 9;
    number = number * 10 + digit;
  }
  return number;
}

/// Takes `.` and the digits behind it off the front of `text`, and writes three of them, zeros
/// where there are fewer. False: there is no digit, or more than milliseconds is told.
bool take_decimals(std::string_view& text, char* three) {
  std::fill_n(three, 3, '0');
  if (!text.starts_with('.')) return true;
  text.remove_prefix(1);
  const std::string_view digits =
      text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  text.remove_prefix(digits.size());
  std::ranges::copy(digits.substr(0, 3), three);
  return !digits.empty() && digits.find_first_not_of('0', 3) == std::string_view::npos;
}

/// How far a local time is ahead of UTC: `Z`, or `+02:00`.
std::optional<std::chrono::minutes> offset_from(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  bool wrong = false;
  const unsigned hours = read_digits<2>(text.data() + 1, wrong);
  const unsigned minutes = read_digits<2>(text.data() + 4, wrong);
  if (wrong || hours > 23 || minutes > 59) return std::nullopt;
  const std::chrono::minutes ahead{hours * 60 + minutes};
  return text[0] == '+' ? ahead : -ahead;
}

}  // namespace

char* write_instant(Instant instant, char* out) {
  if (instant < kFirst || instant >= kEnd) std::abort();  // such a time was never read nor measured
  const auto day = std::chrono::floor<days>(instant);
  const std::chrono::year_month_day date{day};
  const auto in_day = static_cast<unsigned>((instant - day).count());

  out = write_digits(static_cast<unsigned>(static_cast<int>(date.year())), 4, out);
  *out++ = '-';
  out = write_digits(static_cast<unsigned>(date.month()), 2, out);
  *out++ = '-';
  out = write_digits(static_cast<unsigned>(date.day()), 2, out);
  *out++ = 'T';
  out = write_digits(in_day / 3'600'000, 2, out);
  *out++ = ':';
  out = write_digits(in_day / 60'000 % 60, 2, out);
  *out++ = ':';
  out = write_digits(in_day / 1'000 % 60, 2, out);
  *out++ = '.';
  out = write_digits(in_day % 1'000, 3, out);
  *out++ = 'Z';
  return out;
}

std::string to_text(Instant instant) {
  std::string text(kInstantTextLength, '\0');
  write_instant(instant, text.data());
  return text;
}

std::optional<Instant> instant_from_text(std::string_view text) {
  if (text.size() != kInstantTextLength) return std::nullopt;
  const char* at = text.data();
  const bool marks = at[4] == '-' && at[7] == '-' && at[10] == 'T' && at[13] == ':' &&
                     at[16] == ':' && at[19] == '.' && at[23] == 'Z';
  bool wrong = !marks;
  const unsigned year = read_digits<4>(at, wrong);
  const unsigned month = read_digits<2>(at + 5, wrong);
  const unsigned day = read_digits<2>(at + 8, wrong);
  const unsigned hour = read_digits<2>(at + 11, wrong);
  const unsigned minute = read_digits<2>(at + 14, wrong);
  const unsigned second = read_digits<2>(at + 17, wrong);
  const unsigned millisecond = read_digits<3>(at + 20, wrong);
  if (wrong || hour > 23 || minute > 59 || second > 59) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + Milliseconds{millisecond};
}

std::optional<Instant> instant_from_rfc3339(std::string_view text) {
  constexpr std::size_t kSecondsEnd = 19;
  if (text.size() < kSecondsEnd) return std::nullopt;
  std::array<char, kInstantTextLength> local;
  std::ranges::copy(text.substr(0, kSecondsEnd), local.begin());
  if (local[10] == 't') local[10] = 'T';
  local[kSecondsEnd] = '.';
  local.back() = 'Z';
  text.remove_prefix(kSecondsEnd);
  if (!take_decimals(text, local.data() + kSecondsEnd + 1)) return std::nullopt;
  const auto ahead = offset_from(text);
  const auto shown = instant_from_text({local.data(), local.size()});
  if (!ahead || !shown) return std::nullopt;
  const Instant instant = *shown - *ahead;
  return instant >= kFirst && instant < kEnd ? std::optional(instant) : std::nullopt;
}

}  // namespace boxoffice::schema
