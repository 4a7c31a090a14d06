#pragma once

#include <map>
#include <string>

#include "events-schema/codec.hpp"

namespace boxoffice::simulation {

/// How often what happened, in words: what never happens is not tested.
using Happenings = std::map<std::string, std::size_t>;

/// An event's name, and why where it is a refusal, or how it was found.
inline std::string words_for(const schema::Event& event) {
  std::string words(schema::name_of(event));
  std::visit(
      [&](const auto& data) {
        if constexpr (requires { data.refusal; })
          words += " " + std::string(schema::to_text(data.refusal));
        else if constexpr (requires { data.found; })
          words += " " + std::string(schema::to_text(data.found));
      },
      event);
  return words;
}

}  // namespace boxoffice::simulation
