"""Settings, all from the environment; `.env.example` documents every name.

With nothing set, the project runs on one machine: SQLite, an embedded Redis, and all it writes
under `var/`. The same code path serves PostgreSQL and a Redis elsewhere.
"""

from datetime import time
from pathlib import Path

import environ
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from cameras.networks import read_networks
from monitoring.datadir import kept_secret, private_folder, redis_socket
from monitoring.pace import expect_above_zero, parse_intervals

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# The real environment wins over the file.
env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

DATA_DIR = private_folder(Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))))

# --- Security ------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
# Fernet keys for the cameras' passwords, newest first; the first encrypts, all decrypt.
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[]) or [
    kept_secret(DATA_DIR / "credential-key")
]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# HTTPS=1 behind a proxy that speaks TLS and sets X-Forwarded-Proto; a laptop runs without.
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
# Asked by machines of our own, past the proxy that speaks TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
# Proxies whose word on the visitor's address is believed.
TRUSTED_PROXIES = read_networks(env.list("TRUSTED_PROXIES", default=[]))

# --- Parts ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.import_export",
    "monitoring.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "import_export",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    # The three floors, lowest first: a higher one may extend the admin pages of a lower one.
    "cameras.audit",
    "cameras",
    "monitoring",
    "monitoring.signin",
    "maintenance",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "monitoring.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "monitoring.signin.acting.ActingMiddleware",
    "monitoring.signin.sessions.SignInMiddleware",
    "axes.middleware.AxesMiddleware",  # the last: it sees what comes of a try to sign in
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "monitoring.urls"
WSGI_APPLICATION = "monitoring.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "monitoring.dashboard.standstill",
                "cameras.reached_admin.without_reach",
            ],
        },
    },
]

# --- Database ------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/db.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Take the write lock when a transaction begins: two writers then wait for each other
        # instead of failing in the middle.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds to wait for that lock
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file, so that the workers that end-to-end tests start see the same database.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
# Kept open from one task or request to the next: with SQLite, too, opening costs more than asking.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery --------------------------------------------------------------------------------------

# Without REDIS_URL, `manage.py up` starts a Redis of its own on this private socket.
EMBEDDED_REDIS_SOCKET = None if env.str("REDIS_URL", default="") else redis_socket(DATA_DIR)
REDIS_URL = env.str("REDIS_URL", default="") or f"redis+socket://{EMBEDDED_REDIS_SOCKET}"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True  # results are rows
CELERY_TASK_DEFAULT_QUEUE = "housekeeping"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Jakarta"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # a batch waits in Redis, where any worker can take it
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A process that died is missed after so many seconds (ten, if nobody says so) and up to five more:
# until then its result might still be under way, but ours are rows.
CELERY_WORKER_LOST_WAIT = 1.0
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500  # native libraries may leak; a child is cheap
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Redis may be away for long; never give up
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 30}
# Beat keeps no file of its own: what is due stands in the database.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1

# --- Probing -------------------------------------------------------------------------------------

PROBE_INTERVAL_SECONDS = env.int("PROBE_INTERVAL_SECONDS", default=300)
# By importance of the site; a camera's own interval goes first.
PROBE_INTERVALS = parse_intervals(env.list("PROBE_INTERVALS", default=[]))
# Cameras that are confirmed to be dead are probed more and more rarely, at least this often.
PROBE_BACK_OFF_SECONDS = env.int("PROBE_BACK_OFF_SECONDS", default=1800)
# Where cameras may be although they are refused otherwise: this machine, its own link, multicast.
# A demo's cameras are on this machine.
PROBE_ALLOWED_NETWORKS = read_networks(
    env.list(
        "PROBE_ALLOWED_NETWORKS",
        default=["127.0.0.0/8", "::1"] if (DATA_DIR / "demo").exists() else [],
    )
)
# While a change of verdict is not yet confirmed, a camera is looked at sooner.
PROBE_RETRY_SECONDS = env.int("PROBE_RETRY_SECONDS", default=60)
PROBE_TIMEOUT_SECONDS = env.float("PROBE_TIMEOUT_SECONDS", default=10.0)
PROBE_BURST_SECONDS = env.float("PROBE_BURST_SECONDS", default=6.0)
PROBE_BATCH_SIZE = env.int("PROBE_BATCH_SIZE", default=50)
CONFIRM_AFTER_PROBES = env.int("CONFIRM_AFTER_PROBES", default=3)
RECOVER_AFTER_PROBES = env.int("RECOVER_AFTER_PROBES", default=2)
expect_above_zero(
    PROBE_INTERVAL_SECONDS=PROBE_INTERVAL_SECONDS,
    PROBE_BACK_OFF_SECONDS=PROBE_BACK_OFF_SECONDS,
    PROBE_RETRY_SECONDS=PROBE_RETRY_SECONDS,
    PROBE_TIMEOUT_SECONDS=PROBE_TIMEOUT_SECONDS,
    PROBE_BURST_SECONDS=PROBE_BURST_SECONDS,
    PROBE_BATCH_SIZE=PROBE_BATCH_SIZE,
    CONFIRM_AFTER_PROBES=CONFIRM_AFTER_PROBES,
    RECOVER_AFTER_PROBES=RECOVER_AFTER_PROBES,
)

# --- Alarms --------------------------------------------------------------------------------------

# Cameras of one uplink that go dark within this time went dark together: they are all probed once
# in an interval, and dispatched a little late. A camera's own alarm waits as long.
OUTAGE_WINDOW_SECONDS = env.int("OUTAGE_WINDOW_SECONDS", default=PROBE_INTERVAL_SECONDS + 60)
OUTAGE_SHARE_PERCENT = env.int("OUTAGE_SHARE_PERCENT", default=80)
OUTAGE_LEAST_CAMERAS = env.int("OUTAGE_LEAST_CAMERAS", default=3)
FLAPPING_HIGH_PERCENT = env.float("FLAPPING_HIGH_PERCENT", default=50.0)
FLAPPING_LOW_PERCENT = env.float("FLAPPING_LOW_PERCENT", default=25.0)
# Evidence is kept while it is needed, and for so long after that.
EVIDENCE_KEEP_DAYS = env.int("EVIDENCE_KEEP_DAYS", default=180)

# --- Repairs -------------------------------------------------------------------------------------

# A ticket closes when its camera has been healthy in so many probes since the repair …
TICKET_VERIFY_PROBES = env.int("TICKET_VERIFY_PROBES", default=3)
# … by itself, or, switched off, by the person who looked at the pictures.
TICKETS_CLOSE_THEMSELVES = env.bool("TICKETS_CLOSE_THEMSELVES", default=True)
# A fault that comes back within so many days reopens the ticket, and counts against the repair.
TICKET_RETURN_DAYS = env.int("TICKET_RETURN_DAYS", default=7)
# Working hours within which tickets are answered and repaired: low, normal, high, urgent.
TICKET_RESPONSE_HOURS = env.list("TICKET_RESPONSE_HOURS", cast=float, default=[16, 8, 4, 1])
TICKET_REPAIR_HOURS = env.list("TICKET_REPAIR_HOURS", cast=float, default=[80, 40, 24, 8])
WORK_BEGINS = time.fromisoformat(env.str("WORK_BEGINS", default="07:30"))
WORK_ENDS = time.fromisoformat(env.str("WORK_ENDS", default="16:00"))
# Cameras at the water are more urgent in these months.
RAINY_MONTHS = env.list("RAINY_MONTHS", cast=int, default=[10, 11, 12, 1, 2, 3, 4])

# --- Looking -------------------------------------------------------------------------------------

WALL_REFRESH_SECONDS = env.int("WALL_REFRESH_SECONDS", default=30)
# The areas under the map, and tiles under those; without an address of tiles nobody is asked.
MAP_OUTLINE = env.str("MAP_OUTLINE", default="")
MAP_TILES_URL = env.str("MAP_TILES_URL", default="")
MAP_TILES_CREDIT = env.str("MAP_TILES_CREDIT", default="")

# --- Language, time ------------------------------------------------------------------------------

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["monitoring.formats"]
LOCALE_PATHS = [
    BASE_DIR / "monitoring" / "locale",  # texts of templates/ land here
    BASE_DIR / "monitoring" / "borrowed_locale",  # of packages that ship no Indonesian
]

# --- Files ---------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "pictures"  # never served by address: see monitoring.views
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mail ----------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="kamera@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where people open the admin, as https://kamera.example.id: links in mails lead there. Empty: mails
# have no links.
SITE_ADDRESS = env.str("SITE_ADDRESS", default="").rstrip("/")
EMAIL_TIMEOUT = 30  # seconds; the watcher must not hang on a mail server that is silent

# The weekly report goes out on this day (1 is Monday) at this time, by the clock of Jakarta.
REPORT_WEEKDAY = env.int("REPORT_WEEKDAY", default=1)
REPORT_TIME = time.fromisoformat(env.str("REPORT_TIME", default="07:00"))
# Mondays on which nothing ran are made up for, so many at most.
REPORT_CATCH_UP_WEEKS = env.int("REPORT_CATCH_UP_WEEKS", default=4)
# What cannot wait is grouped: each person gets a mail about it at most as often as this.
URGENT_EVERY_SECONDS = env.int("URGENT_EVERY_SECONDS", default=600)
# Other ways for what cannot wait, as Apprise names them: tgram://…, slack://…, json://…
APPRISE_URLS = env.list("APPRISE_URLS", default=[])

# --- Watching the watcher ------------------------------------------------------------------------

# Who is told when probing stands still, and after how long.
ALARM_EMAILS = env.list("ALARM_EMAILS", default=[])
WATCH_MAIL_AFTER_SECONDS = env.int("WATCH_MAIL_AFTER_SECONDS", default=900)
# What /metrics asks of a scraper from another machine, as a bearer token; this machine needs none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# /healthz complains when the disk of DATA_DIR has less free space than this.
LEAST_FREE_MB = env.int("LEAST_FREE_MB", default=500)

# --- Accounts ------------------------------------------------------------------------------------

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # for those who kept the address of the login page
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # the first: it refuses who is locked out
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_LEAST_LENGTH = env.int("PASSWORD_LEAST_LENGTH", default=12)
_VALIDATORS = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}UserAttributeSimilarityValidator"},
    {
        "NAME": f"{_VALIDATORS}MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LEAST_LENGTH},
    },
    {"NAME": f"{_VALIDATORS}CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}NumericPasswordValidator"},
]

# Sessions end after so long without a request, and at the latest so long after sign-in.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=120)
SESSION_MAX_HOURS = env.int("SESSION_MAX_HOURS", default=12)
SESSION_COOKIE_AGE = SESSION_MAX_HOURS * 3600

# Failures that lock out, within so many minutes: of one name from one address; and of one address
# with any names, or one name from any addresses. See monitoring/signin/lockout.py.
LOCKOUT_AFTER = env.int("LOCKOUT_AFTER", default=5)
LOCKOUT_AFTER_MANY = env.int("LOCKOUT_AFTER_MANY", default=50)
LOCKOUT_MINUTES = env.int("LOCKOUT_MINUTES", default=15)
AXES_HANDLER = "monitoring.signin.lockout.Handler"
AXES_FAILURE_LIMIT = "monitoring.signin.lockout.limit"
AXES_COOLOFF_TIME = "monitoring.signin.lockout.cool_off"
AXES_LOCKOUT_PARAMETERS = "monitoring.signin.lockout.ways_to_count"
AXES_LOCKOUT_CALLABLE = "monitoring.signin.lockout.refuse"
AXES_USERNAME_CALLABLE = "monitoring.signin.lockout.counted_name"
AXES_CLIENT_IP_CALLABLE = "monitoring.visitors.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has it
AXES_ENABLE_ADMIN = False  # ours: monitoring/admin/failed_sign_ins.py
AXES_VERBOSE = False

# The audit trail is kept so long; less than a year the database refuses.
AUDIT_KEEP_DAYS = env.int("AUDIT_KEEP_DAYS", default=1826)

# Of whom a second factor is demanded: superusers, everyone, or names of groups.
SECOND_FACTOR_REQUIRED_FOR = env.list("SECOND_FACTOR_REQUIRED_FOR", default=[])
OTP_TOTP_ISSUER = "CCTV Jakarta"  # what the app on the telephone calls it

# --- Logging -------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
# Celery tells of every message at INFO: a line a second about nothing.
_TALKATIVE = ("celery.beat", "celery.worker.strategy", "celery.app.trace", "axes")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        name: {"level": "WARNING" if LOG_LEVEL == "INFO" else LOG_LEVEL} for name in _TALKATIVE
    },
}

UNFOLD = {
    "SITE_TITLE": _("Camera health"),
    "SITE_HEADER": _("Camera health"),
    "SITE_SUBHEADER": _("Public cameras of Jakarta"),
    "SITE_URL": None,
    "SITE_SYMBOL": "videocam",
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "DASHBOARD_CALLBACK": "maintenance.dashboard.first_page",
    "STYLES": [
        lambda request: _static("monitoring/admin.css"),
        lambda request: _static("monitoring/looking.css"),
        lambda request: _static("monitoring/signin.css"),
        lambda request: _static("maintenance/procurement.css"),
        lambda request: _static("maintenance/budget.css"),
        lambda request: _static("maintenance/repairs.css"),
        lambda request: _static("maintenance/reports.css"),
        lambda request: _static("maintenance/tickets.css"),
    ],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
            {"title": _("Second factor"), "link": reverse_lazy("second-factor")},
        ],
    },
    "SIDEBAR": {"show_search": True, "navigation": "maintenance.navigation.sidebar"},
}


def _static(path: str) -> str:
    from django.templatetags.static import static

    return static(path)
