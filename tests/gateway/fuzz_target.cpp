// Any bytes as a request target and as the headers that are taken apart: an answer or a refusal,
// never worse.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/http/target.hpp"
#include "gateway/routes/entity_tags.hpp"
#include "gateway/routes/headers.hpp"
#include "gateway/routes/router.hpp"

using namespace boxoffice::gateway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Router router(routes());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto target = http::split_target(text)) {
    if (const auto found = router.find(http::Method::get, target->path);
        found && !found->route && found->allowed.empty()) {
      std::abort();
    }
    if (const auto query = http::Query::parse(target->query)) {
      for (const auto& parameter : query->parameters()) {
        if (!http::is_utf8(parameter.name) || !http::is_utf8(parameter.value)) std::abort();
      }
    }
  }
  positions_of(text, 16);
  is_json(text, true);
  const http::Header if_none_match{"If-None-Match", text};
  names_tag({.headers = {&if_none_match, 1}}, "\"1\"");
  const http::Header if_match{"If-Match", text};
  if_match_of({.headers = {&if_match, 1}}, {});
  return 0;
}
