"""The self-study questionnaire: agreement, profiles of schools, common problems."""
