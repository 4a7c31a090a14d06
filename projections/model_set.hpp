#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>

#include "projections/audit/audit.hpp"
#include "projections/availability/availability.hpp"
#include "projections/claims/claims.hpp"
#include "projections/keys/keys.hpp"
#include "projections/occasions/occasions.hpp"

namespace boxoffice::projections {

/// All models there are.
struct ModelSet {
  Occasions occasions;
  Availability availability;
  Claims claims;
  Keys keys;
  Audit audit;

  std::array<Model*, 5> all() { return {&occasions, &availability, &claims, &keys, &audit}; }
};

/// A model of that name that knows nothing yet; nullptr where there is none.
inline std::unique_ptr<Model> make_model(std::string_view name) {
  std::unique_ptr<Model> all[] = {std::make_unique<Occasions>(), std::make_unique<Availability>(),
                                  std::make_unique<Claims>(), std::make_unique<Keys>(),
                                  std::make_unique<Audit>()};
  for (auto& model : all)
    if (model->name() == name) return std::move(model);
  return nullptr;
}

}  // namespace boxoffice::projections
