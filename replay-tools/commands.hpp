#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace boxoffice::replay {

/// `boxoffice replay show|explain|verify …`, on a directory in use or at rest. `arguments` begin
/// after `replay`. Returns the exit code: 0; 1 where verify found a violation; 2 for a wrong usage,
/// or a history that cannot be opened or read.
int run_replay(std::span<const std::string> arguments);
int run_replay(std::span<const std::string> arguments, std::ostream& out, std::ostream& error);

}  // namespace boxoffice::replay
