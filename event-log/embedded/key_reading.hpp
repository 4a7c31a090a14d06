#pragma once

#include "event-log/embedded/segments.hpp"

namespace boxoffice::event_log::embedded {

/// See `Log::read_keys`.
[[nodiscard]] Result<void> read_keys(const Segments& segments, const KeyVisitor& visit);

}  // namespace boxoffice::event_log::embedded
