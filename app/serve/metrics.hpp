#pragma once

#include <memory>

#include "app/serve/engine.hpp"

namespace prometheus {
class Collectable;
}

namespace boxoffice::app {

/// What the processor and the read models count, for /metrics. `engine` must outlive it.
std::shared_ptr<prometheus::Collectable> engine_metrics(Engine& engine);

}  // namespace boxoffice::app
