#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/routes/route.hpp"

namespace boxoffice::gateway {

/// Finds the route of a method and path.
class Router {
 public:
  explicit Router(std::span<const Route> routes);

  struct Found {
    const Route* route = nullptr;  ///< nullptr: the path is known, the method is not
    std::size_t index = 0;
    std::array<std::string_view, 2> parts;
    std::string allowed;  ///< the methods that the path has, where the route is nullptr
  };
  /// `path` as sent; nullopt: unknown. HEAD is found as GET.
  std::optional<Found> find(http::Method method, std::string_view path) const;

 private:
  static constexpr std::size_t kSegmentsMax = 8;
  struct Pattern {
    std::array<std::string_view, kSegmentsMax> segments;
    std::size_t count = 0;
  };
  static bool split(std::string_view path, Pattern& into);
  static bool matches(const Pattern& pattern, const Pattern& path,
                      std::array<std::string_view, 2>& parts);

  std::span<const Route> routes_;
  std::vector<Pattern> patterns_;  ///< of the routes, in their order
};

}  // namespace boxoffice::gateway
