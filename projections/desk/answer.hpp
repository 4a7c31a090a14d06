#pragma once

#include "projections/desk/questions.hpp"

namespace boxoffice::projections {

/// From what has been applied.
Answer answer(const Queries& queries, const Question& question);

}  // namespace boxoffice::projections
