#pragma once

#include <cstddef>
#include <memory>

namespace boxoffice::processor {

/// Pages of their own, which the system has back at once: an allocator would keep them for later.
/// Null: there are none to be had.
std::shared_ptr<char> pages(std::size_t bytes);

}  // namespace boxoffice::processor
