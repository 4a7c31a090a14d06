#pragma once

#include <prometheus/collectable.h>

#include <memory>

#include "app/gateway/posting.hpp"

namespace boxoffice::app {

/// What a gateway sees of the way of its commands. `posting` must outlive it.
std::shared_ptr<prometheus::Collectable> posting_metrics(const Posting& posting);

}  // namespace boxoffice::app
