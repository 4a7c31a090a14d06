#include "bench/load/requests.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boxoffice::bench {
namespace {

constexpr std::size_t kDigits = 12;
constexpr std::string_view kEmailPrefix = "load-";
constexpr std::string_view kEmailSuffix = "@example.org";
constexpr std::string_view kKeyPrefix = "load-request-";

void write_digits(char* to, std::uint64_t number) {
  for (std::size_t place = kDigits; place-- > 0; number /= 10)
    to[place] = static_cast<char>('0' + number % 10);
}

/// Four numbers of three digits, so that every address has the same length: 27 · 156³, a hundred
/// million of them, none of them in 127.0.0.0/8 where the proxies are.
void write_ip(char* to, std::uint64_t number) {
  constexpr std::uint64_t kFirst = 27;
  constexpr std::uint64_t kOther = 156;
  for (std::size_t part = 4; part-- > 0;) {
    const std::uint64_t range = part == 0 ? kFirst : kOther;
    std::uint64_t value = 100 + number % range;
    number /= range;
    for (std::size_t place = 3; place-- > 0; value /= 10)
      to[part * 4 + place] = static_cast<char>('0' + value % 10);
    if (part > 0) to[part * 4 - 1] = '.';
  }
}

std::string joined(const std::vector<std::string>& headers) {
  std::string lines;
  for (const std::string& header : headers) lines += header + "\r\n";
  return lines;
}

}  // namespace

Requests Requests::fixed(std::string_view method, std::string_view host, std::string_view path,
                         std::string_view body, const std::vector<std::string>& headers) {
  std::string extra = joined(headers);
  if (!body.empty() || method == "POST")
    extra += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  Requests requests;
  requests.templates_.push_back(
      {fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n{}", method, path, host, extra, body)});
  return requests;
}

Requests Requests::claims(std::string_view host, const std::vector<std::string>& occasions,
                          bool keyed, const std::vector<std::string>& headers) {
  Requests requests;
  const std::string body = fmt::format(R"({{"email":"{}"}})", email(0));
  for (const std::string& occasion : occasions) {
    Template made;
    made.bytes = fmt::format("POST /v1/occasions/{}/claims HTTP/1.1\r\nHost: {}\r\n{}", occasion,
                             host, joined(headers));
    made.bytes += "X-Forwarded-For: ";
    made.ip = made.bytes.size();
    made.bytes += ip(0);
    if (keyed) {
      made.bytes += "\r\nIdempotency-Key: ";
      made.key = made.bytes.size() + kKeyPrefix.size();
      made.bytes += idempotency_key(0);
    }
    made.bytes += fmt::format("\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                              body.size(), body);
    made.email = made.bytes.size() - body.size() + body.find(kEmailPrefix) + kEmailPrefix.size();
    requests.templates_.push_back(std::move(made));
  }
  return requests;
}

std::string_view Requests::bytes(std::uint64_t number) {
  Template& chosen = templates_[number % templates_.size()];
  char* const bytes = chosen.bytes.data();
  if (chosen.email != 0) write_digits(bytes + chosen.email, number);
  if (chosen.ip != 0) write_ip(bytes + chosen.ip, number);
  if (chosen.key != 0) write_digits(bytes + chosen.key, number);
  return chosen.bytes;
}

std::string Requests::email(std::uint64_t number) {
  std::string digits(kDigits, '0');
  write_digits(digits.data(), number);
  return fmt::format("{}{}{}", kEmailPrefix, digits, kEmailSuffix);
}

std::string Requests::ip(std::uint64_t number) {
  std::string text(15, '.');
  write_ip(text.data(), number);
  return text;
}

std::string Requests::idempotency_key(std::uint64_t number) {
  std::string digits(kDigits, '0');
  write_digits(digits.data(), number);
  return fmt::format("{}{}", kKeyPrefix, digits);
}

}  // namespace boxoffice::bench
