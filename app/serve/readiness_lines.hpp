#pragma once

#include <string>
#include <vector>

#include "gateway/gateway.hpp"

namespace boxoffice::app {

/// What keeps a process from its work stands in its log once when it begins, and once when it is
/// over.
class ReadinessLines {
 public:
  void look(const gateway::Readiness& readiness);

 private:
  std::vector<std::string> told_;
};

}  // namespace boxoffice::app
