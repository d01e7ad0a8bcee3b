"""What a launch tells, in the rows a plain app keeps of it."""

from django.db import models


class User(models.Model):
    issuer = models.CharField(max_length=255)
    sub = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "sub"], name="user_once")]


class Context(models.Model):
    issuer = models.CharField(max_length=255)
    deployment_id = models.CharField(max_length=255)
    context_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "deployment_id", "context_id"], name="context_once")]


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    context = models.ForeignKey(Context, on_delete=models.CASCADE)
    roles = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "context"], name="membership_once")]


class ResourceLink(models.Model):
    context = models.ForeignKey(Context, on_delete=models.CASCADE)
    resource_link_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["context", "resource_link_id"], name="resource_link_once")]
