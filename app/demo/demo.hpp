#pragma once

#include <span>
#include <string>

namespace boxoffice::app {

/// `boxoffice demo seed|load`: an occasion to click through, and a burst of claims on it. Returns
/// the exit code.
int run_demo(std::span<const std::string> arguments);

}  // namespace boxoffice::app
