#include "app/admin/administrators.hpp"

#include <algorithm>
#include <string>

namespace boxoffice::app {
namespace {

bool is_administrator(const projections::KeyView& key) {
  return key.role == schema::Role::admin && !key.occasion;
}

}  // namespace

std::expected<bool, projections::QueryError> has_administrator(
    const projections::Queries& queries) {
  std::string after;
  for (;;) {
    const auto page = queries.keys(after, 500);
    if (!page) return std::unexpected(page.error());
    if (std::ranges::any_of(page->items, [](const auto& key) { return is_administrator(*key); }))
      return true;
    if (!page->next) return false;
    after = *page->next;
  }
}

}  // namespace boxoffice::app
