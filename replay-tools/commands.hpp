#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace boxoffice::replay {

/// What `rebuild` and `diff` are asked for.
struct ReadModelsWish {
  std::string directory;
  std::string model;  ///< empty: all
  bool swap = false;  ///< rebuild: what was made takes the place of the live one
};
/// Does it (`what` is "rebuild" or "diff") and returns the exit code. The program brings it: the
/// tools of the history know no read models.
using ReadModelsTool = std::function<int(std::string_view what, const ReadModelsWish& wish,
                                         std::ostream& out, std::ostream& error)>;

/// `boxoffice replay show|explain|verify|rebuild|diff …`, on a directory in use or at rest.
/// `arguments` begin after `replay`. Returns the exit code: 0; 1 where verify found a violation or
/// diff a difference; 2 for a wrong usage, or a history that cannot be opened or read.
int run_replay(std::span<const std::string> arguments, ReadModelsTool read_models);
int run_replay(std::span<const std::string> arguments, std::ostream& out, std::ostream& error,
               ReadModelsTool read_models = {});

}  // namespace boxoffice::replay
