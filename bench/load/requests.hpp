#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace boxoffice::bench {

/// What is sent. Each request is a template, made once, in which digits are overwritten: sending
/// costs no formatting.
class Requests {
 public:
  /// The same request every time.
  static Requests fixed(std::string_view method, std::string_view host, std::string_view path,
                        std::string_view body, const std::vector<std::string>& headers);

  /// Claims, each from an address and an IP (in `X-Forwarded-For`) of its own, over `occasions` in
  /// turn. `keyed`: each with an `Idempotency-Key` of its own as well.
  static Requests claims(std::string_view host, const std::vector<std::string>& occasions,
                         bool keyed, const std::vector<std::string>& headers);

  /// The bytes of request `number`, valid until the next call.
  std::string_view bytes(std::uint64_t number);

  /// What request `number` claims with.
  static std::string email(std::uint64_t number);
  static std::string ip(std::uint64_t number);
  static std::string idempotency_key(std::uint64_t number);

 private:
  struct Template {
    std::string bytes;
    std::size_t email = 0;  ///< where the digits go; 0: nowhere
    std::size_t ip = 0;
    std::size_t key = 0;
  };
  std::vector<Template> templates_;
};

}  // namespace boxoffice::bench
