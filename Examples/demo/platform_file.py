"""The platform's data file, and what the demo expects in it after each step."""

import copy
import json
import os

from stage import DemoFailure

PRODUCTION, STAGING = "shop", "shop-staging"

#: What a shop needs in production: 22 variables.
PRODUCTION_VARIABLES = """
    ADMIN_EMAIL API_BASE_URL CACHE_URL CDN_HOST CRON_SECRET DATABASE_POOL_SIZE DATABASE_URL ENCRYPTION_KEY FEATURE_FLAGS
    JWT_SECRET LOG_LEVEL MAIL_FROM QUEUE_URL REGION SEARCH_URL SENTRY_DSN SESSION_SECRET SMTP_PASSWORD STORAGE_BUCKET
    STORAGE_SECRET STRIPE_KEY WEBHOOK_SECRET
""".split()
STAGING_VARIABLES = ["DATABASE_URL", "DEBUG", "LOG_LEVEL", "TRACE"]


class PlatformFile:
    """Compares the file with what must be in it: nothing is claimed on the screen that is not in the file."""

    def __init__(self, path, user):
        self.path = path
        self.expected = {
            "projects": {
                PRODUCTION: {name: f"production {name.lower()}" for name in PRODUCTION_VARIABLES},
                STAGING: {name: f"staging {name.lower()}" for name in STAGING_VARIABLES},
            },
            "restarts": 0,
            "calls": [],
        }
        path.write_text(json.dumps(self.expected))
        os.chown(path, user.number, user.group)
        path.chmod(0o600)

    def variables(self, project):
        """The names that must be there."""
        return sorted(self.expected["projects"][project])

    @property
    def calls(self):
        """How many calls must have reached the platform."""
        return len(self.expected["calls"])

    def expect_call(self, tool, **arguments):
        """From now on one more call must have reached the platform."""
        self.expected["calls"].append({"tool": tool, "arguments": copy.deepcopy(arguments)})

    def expect_deletion(self, project, name):
        """From now on a variable must be gone."""
        self.expect_call("delete_variable", project=project, name=name)
        del self.expected["projects"][project][name]

    def check(self):
        """Fails unless the whole file is as expected."""
        found = json.loads(self.path.read_text())
        if found != self.expected:
            raise DemoFailure(f"the platform's file differs\n  expected {self.expected}\n  found    {found}")
