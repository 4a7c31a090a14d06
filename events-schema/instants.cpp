// RFC 3339 with three decimals and `Z`, without locale and without allocation.
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

}  // namespace boxoffice::schema
