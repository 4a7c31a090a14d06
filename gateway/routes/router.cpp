#include "gateway/routes/router.hpp"

#include <algorithm>

namespace boxoffice::gateway {

Router::Router(std::span<const Route> routes) : routes_(routes) {
  for (const Route& route : routes) split(route.path, patterns_.emplace_back());
}

bool Router::split(std::string_view path, Pattern& into) {
  into.count = 0;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    if (into.count == kSegmentsMax) return false;
    into.segments[into.count++] = path.substr(0, end);
    path.remove_prefix(end);
  }
  return true;
}

bool Router::matches(const Pattern& pattern, const Pattern& path,
                     std::array<std::string_view, 2>& parts) {
  if (pattern.count != path.count) return false;
  std::size_t part = 0;
  for (std::size_t i = 0; i < pattern.count; ++i) {
    if (pattern.segments[i].starts_with('{')) {
      if (path.segments[i].empty()) return false;
      parts[part++] = path.segments[i];
    } else if (pattern.segments[i] != path.segments[i]) {
      return false;
    }
  }
  return true;
}

std::optional<Router::Found> Router::find(http::Method method, std::string_view path) const {
  Pattern asked;
  if (!split(path, asked)) return std::nullopt;
  const http::Method wanted = method == http::Method::head ? http::Method::get : method;
  Found found;
  bool known = false;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    std::array<std::string_view, 2> parts{};
    if (!matches(patterns_[i], asked, parts)) continue;
    if (routes_[i].method == wanted) {
      found.route = &routes_[i];
      found.index = i;
      found.parts = parts;
      found.allowed.clear();
      return found;
    }
    known = true;
    found.allowed += http::to_text(routes_[i].method);
    found.allowed += routes_[i].method == http::Method::get ? ", HEAD, " : ", ";
  }
  if (!known) return std::nullopt;
  found.allowed += "OPTIONS";
  return found;
}

}  // namespace boxoffice::gateway
