#include <cstdlib>

#include "projections/audit/trail_cursor.hpp"

/// Whatever a client sends as a cursor: it is refused, or it is one that the server could have
/// made.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace boxoffice::projections;
  constexpr std::uint16_t kPartitions = 16;
  const std::string_view cursor(reinterpret_cast<const char*>(data), size);

  const AuditFilter filter{.type = "TicketClaimed"};
  for (const ListName& list : {trail_list(filter), trail_list({}), ListName{ListKind::keys},
                               ListName{ListKind::occasions}})
    if (const auto place = place_from(list, cursor))
      if (page_cursor(list, *place) != cursor) std::abort();

  if (cursor.empty()) return 0;
  if (const auto at = trail_place(filter, cursor, kPartitions))
    if (at->partition.value >= kPartitions || at->sequence.value == 0) std::abort();
  return 0;
}
