#pragma once

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "event-log/log.hpp"

namespace boxoffice::app {

/// For what ends a start where it fails. Throws std::runtime_error.
template <class T>
T or_throw(event_log::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace boxoffice::app
