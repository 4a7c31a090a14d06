#pragma once

#include <string>

namespace boxoffice::processor {

/// Why partitions could not be taken over.
struct RecoveryError {
  std::string message;  ///< a sentence for an operator, with the position of what does not fit
  bool retry_helps;     ///< false: what is kept does not fit together, and somebody must mend it
};

}  // namespace boxoffice::processor
