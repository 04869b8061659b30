"""Mail out: by SMTP, or captured in a file and shown on a page when embedded."""

from services.chassis.mail.captured import CapturedMail as CapturedMail
from services.chassis.mail.captured import CapturedMailer as CapturedMailer
from services.chassis.mail.opening import open_mailer as open_mailer
from services.chassis.mail.port import Mail as Mail
from services.chassis.mail.port import Mailer as Mailer
from services.chassis.mail.port import MailNotTaken as MailNotTaken
from services.chassis.mail.smtp import SmtpMailer as SmtpMailer
from services.chassis.mail.smtp import SmtpServer as SmtpServer
